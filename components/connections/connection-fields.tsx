import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { type ConnectionField, connectionFields, type Provider } from "@/lib/connections/schema.ts";

type ConnectionFieldsProps = { provider: Provider; errors: Partial<Record<string, string>>; secretsOnly?: boolean };

const LONG = "min-h-28 w-full rounded-md border border-control bg-background px-2.5 py-2 font-mono text-xs";

/** The fields of one provider. Secrets are typed blind and never filled in again. */
export function ConnectionFields({ provider, errors, secretsOnly = false }: ConnectionFieldsProps) {
  return connectionFields[provider]
    .filter(({ isSecret }) => isSecret || !secretsOnly)
    .map((field) => (
      <Field key={`${provider}.${field.name}`} label={field.label} hint={field.hint} error={errors[field.name]}>
        <Control field={field} />
      </Field>
    ));
}

function Control({ field }: { field: ConnectionField }) {
  const { name, isSecret, isLong, placeholder } = field;
  if (isLong) return <textarea name={`field.${name}`} aria-label={field.label} className={LONG} spellCheck={false} autoComplete="off" />;
  return (
    <Input
      name={`field.${name}`}
      type={isSecret ? "password" : "text"}
      placeholder={placeholder}
      autoComplete="off"
      spellCheck={false}
      className="font-mono"
    />
  );
}
