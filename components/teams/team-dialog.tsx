"use client";
import { useQueryClient } from "@tanstack/react-query";
import { NameSlugFields } from "@/components/orgs/name-slug-fields.tsx";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { saveTeam } from "@/lib/teams/actions.ts";
import { type Team, teamsKey } from "@/lib/teams/queries.ts";

/** Makes a team, or changes the one given. */
export function TeamDialog({ team, onClose }: { team?: Team | undefined; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={team ? "Change team" : "Create team"}
        description="Costs are attributed to teams by key, by project or by the event itself."
      >
        <TeamForm team={team} onClose={onClose} />
      </DialogContent>
    </Dialog>
  );
}

function TeamForm({ team, onClose }: { team?: Team | undefined; onClose: () => void }) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const { formProps, pending, fields, problem } = useForm(saveTeam, () => {
    void queryClient.invalidateQueries({ queryKey: teamsKey(organization.id) });
    toast({ title: team ? "Team changed" : "Team created" });
    onClose();
  });
  return (
    <form {...formProps} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="hidden" name="organization_id" value={organization.id} />
      <input type="hidden" name="id" value={team?.id ?? ""} />
      <NameSlugFields
        name={team?.name}
        slug={team?.slug}
        fields={fields}
        slugHint="Applications may send it as team_id; changing it later breaks those that do."
      />
      <DialogFooter>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" pending={pending}>
          {team ? "Save" : "Create team"}
        </Button>
      </DialogFooter>
    </form>
  );
}
