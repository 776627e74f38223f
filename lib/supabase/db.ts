import type { SupabaseClient } from "@supabase/supabase-js";

/** The client every query takes as its first argument; whose rights it has is decided by who made it. */
export type Db = SupabaseClient;
