import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../config/log.ts";
import { errorText } from "../../../memory/errorText.ts";
import type { MemoryService } from "../../../memory/memoryService.ts";
import { type Bundles, openMemory } from "../../../memory/openMemory.ts";
import { type Check, type CheckResult, explainedAbove, failure, ok, warning } from "../../findings.ts";
import { advice, moreTime } from "../../fixes.ts";
import type { StorageTarget } from "./storageTarget.ts";

/** Says nothing about anybody. */
const probe = "The probe of the Endpoint Doctor is painted in ultramarine blue.";
const question = "Which colour is the probe painted in?";

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
	let memory: MemoryService | undefined;
	const whole = (async () => {
		try {
			memory = await openMemory({
				config: { ...config, memoryDir: folder, database: undefined, userId: "doctor" },
				bundles,
				log: silentLog,
				hostModel,
			});
			return await trip(memory);
		} catch (error) {
			return broken("could not be made", errorText(error));
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

async function trip(memory: MemoryService): Promise<CheckResult> {
	const begun = performance.now();
	const { memories, mode, pending, note } = await memory.save({ text: probe });
	const saved = memories[0];
	if (!saved) return broken("was saved, and is not there", note ?? "The save made no memory.");
	const found = await memory.search({ query: question });
	if (!found.memories.some(({ id }) => id === saved.id))
		return broken("was saved, and is not found", found.note ?? "The search does not return it.");
	await memory.delete(saved.id);
	const { memories: others } = await memory.list({ scope: "all" });
	const left = others.some(({ id }) => id === saved.id);
	if (left) return broken("was deleted, and is still there", "The store did not delete it.");
	const took = `${Math.round(performance.now() - begun)} ms`;
	const how = mode === "distilled" ? "distilled to a fact" : "kept word for word";
	if (pending.length > 0)
		return warning(
			`A probe memory was saved, found and deleted, but its ${pending.join(" and ")} failed.`,
			note ?? "A model did not answer in time. For a real memory, this would follow in the background.",
			[advice("See the checks of the models")],
		);
	return ok(`A probe memory was saved (${how}), found and deleted in ${took}.`);
}

function broken(what: string, cause: string): CheckResult {
	return failure(`A probe memory ${what}.`, cause, [
		advice("See the log, and report it if it happens again"),
	]);
}
