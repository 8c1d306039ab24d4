import { once } from "node:events";
import { Steps, stepOnDisk } from "./steps";
import { inSteps, type Scene, type Surroundings, type VerbName } from "./verbs-in-steps";

// A process that does a verb several times over, each time on another credential and up to another step. Once all of them
// stand still it says so, and is killed.

export interface Orders {
  name: VerbName;
  scenes: (Scene & { at: number })[];
  around: Surroundings;
}

// What stands still keeps no process alive by itself.
process.channel?.ref();
const [{ name, scenes, around }] = (await once(process, "message")) as [Orders];
const standing = scenes.map((scene) => ({ scene, steps: new Steps(scene.at) }));
stepOnDisk(new Map(standing.map(({ scene, steps }) => [scene.folder, steps])));
for (const { scene, steps } of standing) {
  inSteps(name, scene, steps, around).then(
    () => process.send?.({ wrong: `step ${scene.at} of ${name} was not reached` }),
    (error: unknown) => process.send?.({ wrong: String(error) }),
  );
}
await Promise.all(standing.map(({ steps }) => steps.stands));
process.send?.({ standing: standing.length });
