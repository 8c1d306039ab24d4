import { benchRewrap } from "./bench/rewrap";
import { startLatchkey } from "./start-latchkey";

// `npm run bench:rewrap`: 100,000 sealed credentials are rewrapped while the API goes on.

const latchkey = await startLatchkey({ LOG_LEVEL: "warn" });
try {
  await benchRewrap(latchkey);
} finally {
  await latchkey.stop();
}
