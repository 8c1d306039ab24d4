import type { Context } from "@/lib/domain/context";

/** A context in which a stop is asked for just before the given question to a host, counted from 1, and its signal. */
export function stoppingAt(ctx: Context, question: number): { stopped: Context; signal: AbortSignal } {
  const stopping = new AbortController();
  const stopped = beforeQuestion(ctx, question, () => Promise.resolve(stopping.abort()));
  return { stopped, signal: stopping.signal };
}

/** A context in which something happens just before the given question to a host, counted from 1. */
export function beforeQuestion(ctx: Context, question: number, happens: () => Promise<void>): Context {
  let asked = 0;
  return {
    ...ctx,
    upstream: {
      connect(host) {
        const connection = ctx.upstream.connect(host);
        return {
          ...connection,
          get: async (request) => {
            if ((asked += 1) === question) await happens();
            return connection.get(request);
          },
        };
      },
    },
  };
}
