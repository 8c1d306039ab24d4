import autocannon from "autocannon";

export interface RunningLoad {
  /** Stops it, and answers what was seen. */
  end: () => Promise<autocannon.Result>;
}

/** Sends requests until it is told to end. */
export function startLoad(options: autocannon.Options): RunningLoad {
  let instance: autocannon.Instance | undefined;
  const result = new Promise<autocannon.Result>((resolve, reject) => {
    instance = autocannon({ ...options, duration: 3600 }, (error: Error | null, ended) =>
      error ? reject(error) : resolve(ended),
    );
  });
  return {
    end: () => {
      instance?.stop();
      return result;
    },
  };
}
