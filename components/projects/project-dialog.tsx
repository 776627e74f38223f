"use client";
import { useQueryClient } from "@tanstack/react-query";
import { NameSlugFields } from "@/components/orgs/name-slug-fields.tsx";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Select } from "@/components/ui/select.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { saveProject } from "@/lib/projects/actions.ts";
import { type Project, projectsKey } from "@/lib/projects/queries.ts";
import type { Team } from "@/lib/teams/queries.ts";

type ProjectDialogProps = { project?: Project | undefined; teams: readonly Pick<Team, "id" | "name">[]; onClose: () => void };

/** Makes a project, or changes the one given. */
export function ProjectDialog(props: ProjectDialogProps) {
  return (
    <Dialog open onOpenChange={(open) => !open && props.onClose()}>
      <DialogContent
        title={props.project ? "Change project" : "Create project"}
        description="An application or workload whose costs you want to see apart."
      >
        <ProjectForm {...props} />
      </DialogContent>
    </Dialog>
  );
}

function ProjectForm({ project, teams, onClose }: ProjectDialogProps) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const { formProps, pending, fields, problem } = useForm(saveProject, () => {
    void queryClient.invalidateQueries({ queryKey: projectsKey(organization.id) });
    toast({ title: project ? "Project changed" : "Project created" });
    onClose();
  });
  return (
    <form {...formProps} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="hidden" name="organization_id" value={organization.id} />
      <input type="hidden" name="id" value={project?.id ?? ""} />
      <NameSlugFields
        name={project?.name}
        slug={project?.slug}
        fields={fields}
        slugHint="Applications may send it as project_id; changing it later breaks those that do."
      />
      <Field label="Team" error={fields.team_id} hint="What this project spends counts for the team too, from now on.">
        <Select
          name="team_id"
          defaultValue={project?.team_id ?? "none"}
          options={[{ value: "none", label: "No team" }, ...teams.map(({ id, name }) => ({ value: id, label: name }))]}
        />
      </Field>
      <DialogFooter>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" pending={pending}>
          {project ? "Save" : "Create project"}
        </Button>
      </DialogFooter>
    </form>
  );
}
