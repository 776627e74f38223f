"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Avatar } from "@/components/ui/avatar.tsx";
import { Checkbox } from "@/components/ui/checkbox.tsx";
import { Sheet, SheetContent } from "@/components/ui/sheet.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { listMembers, membersKey } from "@/lib/members/queries.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { setTeamMember } from "@/lib/teams/actions.ts";
import { type Team, teamsKey } from "@/lib/teams/queries.ts";

/** Who is in a team; ticking puts in, unticking takes out, at once. */
export function TeamMembersSheet({ team, onClose }: { team: Team; onClose: () => void }) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("teams.write");
  const mayReadMembers = usePermission("members.read");
  const db = useDb();
  const queryClient = useQueryClient();
  const { data: members = [], isPending } = useQuery({
    queryKey: membersKey(organization.id),
    queryFn: () => listMembers(db, organization.id),
    enabled: mayReadMembers,
  });

  async function set(userId: string, isMember: boolean) {
    const key = teamsKey(organization.id);
    queryClient.setQueryData<Team[]>(key, (teams) =>
      teams?.map((entry) =>
        entry.id === team.id
          ? { ...entry, member_ids: isMember ? [...entry.member_ids, userId] : entry.member_ids.filter((id) => id !== userId) }
          : entry,
      ),
    );
    const result = await setTeamMember(organization.id, team.id, userId, isMember);
    if (!result.ok) toast({ tone: "critical", title: "The team was not changed", description: result.error.message });
    await queryClient.invalidateQueries({ queryKey: key });
  }

  return (
    <Sheet open onOpenChange={(open) => !open && onClose()}>
      <SheetContent title={team.name} description="Members of the organization who are in this team.">
        {mayReadMembers && !isPending ? (
          <ul className="grid gap-1">
            {members.map(({ user_id, name, email }) => (
              <li key={user_id}>
                <label htmlFor={`in-${user_id}`} className="flex items-center gap-3 rounded-md px-2 py-1.5 hover:bg-hover">
                  <Checkbox
                    id={`in-${user_id}`}
                    disabled={!mayWrite}
                    checked={team.member_ids.includes(user_id)}
                    onCheckedChange={(checked) => void set(user_id, checked === true)}
                  />
                  <Avatar name={name ?? email} />
                  <span className="min-w-0">
                    <span className="block truncate font-medium" dir="auto">
                      {name ?? email}
                    </span>
                    {name ? <span className="block truncate text-muted text-xs">{email}</span> : null}
                  </span>
                </label>
              </li>
            ))}
          </ul>
        ) : (
          <p className="text-muted">
            {mayReadMembers ? "Loading…" : `${team.member_ids.length} people. Their names are for roles that may read members.`}
          </p>
        )}
      </SheetContent>
    </Sheet>
  );
}
