import { ERROR_STATUS } from "@/lib/contract/errors";
import { errorsOf, toSchema } from "@/lib/contract/openapi";
import type { Operation } from "@/lib/contract/operations";
import { SchemaFields } from "./schema-fields";

/** One endpoint, as its declaration has it. */
export function OperationSection({ id, operation }: { id: string; operation: Operation }) {
  const { method, path, summary, scope, query, body, status, output } = operation;
  return (
    <section aria-labelledby={`${id} ${id}-path`} className="mt-10 border-t border-border pt-6">
      <h2 id={id} className="scroll-mt-6 text-lg font-semibold tracking-tight">
        {summary}
      </h2>
      <p id={`${id}-path`} className="mt-1.5 font-mono text-sm break-all">
        <span className="text-muted">{method}</span> {path}
      </p>
      <p className="mt-1.5 text-sm text-muted">
        Needs the scope <code className="font-mono text-[0.8125rem] text-text">{scope}</code>.
      </p>
      {query && <SchemaFields title="Query" schema={toSchema(query, "input")} />}
      {body && <SchemaFields title="Body" schema={toSchema(body, "input")} />}
      <h3 className="mt-5 text-sm font-semibold">Answers {status}</h3>
      {output ? (
        <SchemaFields schema={toSchema(output, "output")} />
      ) : (
        <p className="mt-1.5 text-sm text-muted">No body.</p>
      )}
      <h3 className="mt-5 text-sm font-semibold">Refusals</h3>
      <ul className="mt-1.5 flex flex-wrap gap-x-5 gap-y-1 font-mono text-xs">
        {errorsOf(operation)
          .map((code) => [ERROR_STATUS[code], code] as const)
          .sort(([a], [b]) => a - b)
          .map(([errorStatus, code]) => (
            <li key={code}>
              <span className="text-muted">{errorStatus}</span> {code}
            </li>
          ))}
      </ul>
    </section>
  );
}
