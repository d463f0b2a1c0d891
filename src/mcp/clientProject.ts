import { setTimeout as sleep } from "node:timers/promises";
import { RootsListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import type { Project } from "../store/types.ts";
import type { ClientCall } from "./clientCall.ts";

/** How long, in ms, a call waits for the roots; after a client was silent for so long, later calls wait less. */
const patience = 3000;
const patienceAfterSilence = 300;
/** ms after which an answer is no longer taken. */
const rootsTimeout = 60_000;
/** Further roots are ignored. */
const maxRoots = 100;

/** Not the SDK's schema: one root that is not a file must not cost the others. */
const rootsSchema = z.object({ roots: z.array(z.unknown()) });
const rootSchema = z.object({ uri: z.string() });

/**
 * Finds the project of one session's client: that of the first root `projectOf` takes, else `fallback`.
 * The client is asked at each call until it has answered, and again after each change of its roots.
 * @param projectOf gets a URI as the client sent it; returns undefined, no promise, if it does not name a folder.
 */
export function clientProject(
	projectOf: (uri: string) => Promise<Project | undefined> | undefined,
	fallback: () => Promise<Project | undefined>,
): (call: ClientCall) => Promise<Project | undefined> {
	let answer: { readonly project: Project | undefined } | undefined;
	let changes = 0;
	let listening = false;
	let wait = patience;

	const chosen = (roots: readonly unknown[]) => {
		for (const root of roots.slice(0, maxRoots)) {
			const { data } = rootSchema.safeParse(root);
			const project = data && projectOf(data.uri);
			if (project) return project;
		}
		return fallback();
	};

	/** A late answer counts for the next call. A failure is not remembered: the next call asks again. */
	const askRoots = async ({ ask }: Pick<ClientCall, "ask">): Promise<boolean> => {
		const asked = changes;
		try {
			const { roots } = await ask({ method: "roots/list" }, rootsSchema, { timeout: rootsTimeout });
			const project = await chosen(roots);
			if (asked !== changes) return askRoots({ ask });
			answer = { project };
			wait = patience;
			return true;
		} catch {
			return false;
		}
	};

	return async (call) => {
		const { server } = call;
		if (!server.getClientCapabilities()?.roots) answer ??= { project: await fallback() };
		else if (!listening) {
			listening = true;
			server.setNotificationHandler(RootsListChangedNotificationSchema, () => {
				changes += 1;
				answer = undefined;
			});
		}
		if (!answer) {
			const silence = sleep(wait, undefined, { ref: false });
			if ((await Promise.race([askRoots(call), silence])) === undefined) wait = patienceAfterSilence;
		}
		return answer ? answer.project : fallback();
	};
}
