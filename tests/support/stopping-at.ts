import type { Context } from "@/lib/domain/context";

/** A context in which a stop is asked for just before the given question to a host, counted from 1, and its signal. */
export function stoppingAt(ctx: Context, question: number): { stopped: Context; signal: AbortSignal } {
  const stopping = new AbortController();
  let asked = 0;
  const stopped: Context = {
    ...ctx,
    upstream: {
      connect(host) {
        const connection = ctx.upstream.connect(host);
        return {
          ...connection,
          get: (request) => {
            if ((asked += 1) === question) stopping.abort();
            return connection.get(request);
          },
        };
      },
    },
  };
  return { stopped, signal: stopping.signal };
}
