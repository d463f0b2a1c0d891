import { protocol } from "../../../memory/remote/calls.ts";
import { counted, plural } from "../../../text/wording.ts";
import { explainProbe } from "../../explain/probe.ts";
import { type Check, explainedAbove, failure, ok, warning } from "../../findings.ts";
import { advice, seeServerLog } from "../../fixes.ts";
import { failed } from "../../probe.ts";
import { aboutIn, askOperator, orFailure, type TeamTarget } from "./teamTarget.ts";

/** ms. Each list and each search waits for a round trip. */
const slowRoundTrip = 500;
/** Of which the middle one counts. */
const measured = 3;

export const version: Check<TeamTarget> = {
	stage: "version",
	title: "Version of the server",
	optional: true,
	run: async (target) => {
		const first = await target.first();
		const about = failed(first) ? undefined : aboutIn(first);
		if (!about) return explainedAbove;
		const seen = `The server runs MCP Mem0 ${about.version}, with version ${about.protocol} of the protocol`;
		if (about.protocol === protocol) return ok(`${seen}, as here.`);
		const newer = about.protocol > protocol;
		return warning(
			`${seen}; here it is ${protocol}.`,
			`The server is ${newer ? "newer" : "older"} than this program, and some requests may fail.`,
			[advice(newer ? "Update MCP Mem0 here" : "Ask whoever runs the server to update MCP Mem0 there")],
		);
	},
};

/** The database behind the server, and what the server itself tells. */
export const serverDatabase: Check<TeamTarget> = {
	stage: "database",
	title: "Database of the server",
	run: (target) =>
		orFailure(target, "The server lets you in, and cannot tell how the memory is.", async () => {
			const { away, counts, notices, remarks } = await target.status();
			if (away?.problem !== undefined)
				return failure(
					`The server cannot use its database: ${away.problem}`,
					"The database is down, or the server does not reach it.",
					[askOperator],
				);
			const seen = `${counted(counts.all)} there.`;
			const told = [
				...(away && away.waiting > 0
					? [`${plural(away.waiting, "# change waits", "# changes wait")} on the server for its database.`]
					: []),
				...notices,
				...remarks,
			];
			return told.length === 0 ? ok(seen) : warning(seen, told.join(" "), [askOperator]);
		}),
};

/** On the server, in its own database and with its own model. The server leaves nothing of it, also when it is cut off. */
export const serverRoundTrip: Check<TeamTarget> = {
	stage: "round-trip",
	title: "Round trip of a probe memory",
	optional: true,
	run: (target) =>
		orFailure(target, "A probe memory could not be saved, found and deleted there.", async () => {
			const { client, run } = target;
			const begun = performance.now();
			const outcome = await client.call("probe", [], { signal: run.signal, timeout: run.deadline });
			return explainProbe(outcome, performance.now() - begun);
		}),
};

export const serverDistance: Check<TeamTarget> = {
	stage: "distance",
	title: "Round-trip time",
	optional: true,
	run: (target) =>
		orFailure(target, "The server was there a moment ago.", async () => {
			const { client, run } = target;
			const times: number[] = [];
			for (let n = 0; n < measured; n += 1) {
				const begun = performance.now();
				await client.call("about", [], { signal: run.signal, timeout: run.deadline });
				times.push(performance.now() - begun);
			}
			const middle = times.toSorted((a, b) => a - b)[Math.floor(measured / 2)] ?? 0;
			const seen = `${middle.toFixed(1)} ms`;
			return middle > slowRoundTrip
				? warning(
						seen,
						"The server is far away, or busy; each list and each search waits for a round trip.",
						[advice("Use a server nearby")],
					)
				: ok(seen);
		}),
};

/** Whether changes of colleagues arrive as they happen. */
export const serverChanges: Check<TeamTarget> = {
	stage: "changes",
	title: "Changes of colleagues",
	optional: true,
	run: async ({ changes, url }) => {
		const opened = await changes();
		if (!failed(opened) && opened.status === 200) return ok("They arrive as they happen.");
		const stream = `${url}/memory/changes`;
		const late = "Changes of colleagues arrive late: with the next list that is loaded.";
		if (!failed(opened)) return warning(`${stream} is refused (HTTP ${opened.status}).`, late, [askOperator]);
		const { code, duration } = opened;
		if (code !== "TIMEOUT") return warning(`${stream} was broken off (${code}).`, late, [seeServerLog]);
		return warning(
			`Nothing came from ${stream} within ${Math.round(duration / 1000)} s.`,
			`A proxy before the server holds back what it sends. ${late}`,
			[advice("Have the proxy pass on event streams unbuffered, in nginx with: proxy_buffering off;")],
		);
	},
};
