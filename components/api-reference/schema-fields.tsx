interface JsonSchema {
  type?: string;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

/** The fields of an object's schema, nested ones by their path. */
export function SchemaFields({ title, schema }: { title?: string; schema: Record<string, unknown> }) {
  const fields = fieldsOf(schema);
  return (
    <>
      {title && <h3 className="mt-5 text-sm font-semibold">{title}</h3>}
      <dl className="mt-1.5 space-y-1 text-sm">
        {fields.map(({ name, type, required }) => (
          <div key={name} className="flex flex-wrap gap-x-3">
            <dt className="font-mono text-[0.8125rem]">{name}</dt>
            <dd className="text-muted">
              {type}
              {required ? "" : ", optional"}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function fieldsOf(schema: JsonSchema, prefix = ""): { name: string; type: string; required: boolean }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const inner = value.anyOf?.find((each) => each.properties) ?? value;
    const nested = inner.items?.properties ? inner.items : inner;
    const required = schema.required?.includes(key) ?? false;
    return [{ name, type: typeWords(value), required }, ...fieldsOf(nested, `${name}${nested === inner ? "" : "[]"}.`)];
  });
}

function typeWords(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeWords))].join(" or ");
  return schema.type ?? "text";
}
