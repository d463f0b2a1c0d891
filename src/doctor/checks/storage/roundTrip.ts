import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../config/log.ts";
import { errorText } from "../../../memory/errorText.ts";
import { type Bundles, openMemory } from "../../../memory/openMemory.ts";
import { makeProbe } from "../../../memory/probe.ts";
import type { UserMemory } from "../../../memory/userMemory.ts";
import { brokenProbe, explainProbe } from "../../explain/probe.ts";
import { type Check, type CheckResult, explainedAbove, warning } from "../../findings.ts";
import { moreTime } from "../../fixes.ts";
import type { StorageTarget } from "./storageTarget.ts";

/** Saves, finds and deletes a memory as agents do, in a temporary store. */
export const roundTrip: Check<StorageTarget> = {
	stage: "round-trip",
	title: "Round trip of a probe memory",
	optional: true,
	applies: ({ bundles }) => bundles !== undefined,
	run: (target) =>
		target.bundles && !target.modelsFail ? makeRoundTrip(target.bundles, target) : explainedAbove,
};

async function makeRoundTrip(
	bundles: Bundles,
	{ config, hostModel, run: { deadline, signal } }: Pick<StorageTarget, "config" | "hostModel" | "run">,
): Promise<CheckResult> {
	signal.throwIfAborted();
	const folder = await mkdtemp(join(tmpdir(), "mcp-mem0-doctor-"));
	let memory: UserMemory | undefined;
	const whole = (async () => {
		try {
			memory = await openMemory({
				config: { ...config, memoryDir: folder, database: undefined, userId: "doctor" },
				bundles,
				log: silentLog,
				hostModel,
			});
			const begun = performance.now();
			return explainProbe(await makeProbe(memory), performance.now() - begun);
		} catch (error) {
			return brokenProbe("could not be made", errorText(error));
		} finally {
			await memory?.dispose();
			await rm(folder, { recursive: true, force: true, maxRetries: 5 });
		}
	})();
	const over = AbortSignal.any([signal, AbortSignal.timeout(deadline)]);
	const stopped = once(over, "abort").then(() => {
		signal.throwIfAborted();
		return warning(
			`Saving, finding and deleting a probe memory took longer than ${deadline / 1000} s.`,
			"The language model is slow with long prompts. Real saves are safe before it is asked, and do not wait for it.",
			[moreTime],
		);
	});
	// The error of what loses the race does not matter.
	for (const loser of [whole, stopped]) loser.catch(() => undefined);
	try {
		return await Promise.race([whole, stopped]);
	} finally {
		// A round trip that hangs ends now, and cleans up after itself.
		void memory?.dispose();
	}
}
