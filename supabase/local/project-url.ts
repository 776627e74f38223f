import postgres from "postgres";

/**
 * Tells the database where its project lives, as the Vault secret `project_url`: what jobs in SQL need to call Edge Functions, and what a
 * hosted project is told once by hand. The Vault and what it encrypts with come with every hosted project.
 */
export async function publishProjectUrl(adminUrl: string, supabaseUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`create extension if not exists pgcrypto with schema extensions`;
    await sql`create extension if not exists supabase_vault with schema vault`;
    const [known] = await sql<{ id: string }[]>`select id from vault.secrets where name = 'project_url'`;
    if (known) await sql`select vault.update_secret(${known.id}, ${supabaseUrl})`;
    else await sql`select vault.create_secret(${supabaseUrl}, 'project_url', 'Where jobs find the Edge Functions')`;
  } finally {
    await sql.end({ timeout: 2 });
  }
}
