"use client";
import { useState } from "react";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { slugOf } from "@/lib/orgs/schema.ts";

type NameSlugFieldsProps = {
  name?: string | undefined;
  slug?: string | undefined;
  slugHint: string;
  fields: Partial<Record<string, string>>;
};

/** A name and the slug that follows it until somebody edits the slug. */
export function NameSlugFields({ name = "", slug = "", slugHint, fields }: NameSlugFieldsProps) {
  const [typedSlug, setTypedSlug] = useState(slug);
  const [follows, setFollows] = useState(slug === "");
  return (
    <>
      <Field label="Name" error={fields.name}>
        <Input
          name="name"
          defaultValue={name}
          maxLength={80}
          autoFocus
          onChange={(event) => follows && setTypedSlug(slugOf(event.target.value))}
        />
      </Field>
      <Field label="Slug" error={fields.slug} hint={slugHint}>
        <Input
          name="slug"
          value={typedSlug}
          maxLength={48}
          dir="ltr"
          spellCheck={false}
          autoCapitalize="none"
          className="font-mono text-xs"
          onChange={(event) => {
            setFollows(event.target.value === "");
            setTypedSlug(event.target.value);
          }}
        />
      </Field>
    </>
  );
}
