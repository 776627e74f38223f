import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "./database.types.ts";

/** The client every query takes as its first argument; whose rights it has is decided by who made it. */
export type Db = SupabaseClient<Database>;
