import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EndpointRole } from "../../config/endpoints.ts";
import { EndpointError } from "../endpointError.ts";
import { request as httpRequest } from "../nodeHttp.ts";
import {
	errorOf,
	type Failed,
	type LenderFile,
	lenderFilePattern,
	longestMessage,
	type NotLent,
	type PasswordRequest,
	type SecretRequests,
	type TokenRequest,
} from "./protocol.ts";

/**
 * Asks the lenders on this database, one after the other, until one has the model.
 * @throws EndpointError `unavailable` if none has it, or what the lender met; the signal's reason when aborted.
 */
export async function askLenders<Answer extends object>(
	folder: string,
	role: EndpointRole,
	body: object,
	signal: AbortSignal | undefined,
): Promise<Answer> {
	for (const lender of await lendersIn(folder)) {
		const path = role === "chat" ? "/chat" : "/embed";
		const answer = await post<Answer | NotLent | Failed>(lender, path, body, signal);
		if (answer === undefined || "notLent" in answer) continue;
		if ("failed" in answer) throw errorOf(answer);
		return answer;
	}
	throw new EndpointError(
		"unavailable",
		"is asked by VS Code, which has its key, and no window with this configuration is open",
		"Open one; what waits for it is done then.",
		{ role, url: "" },
	);
}

/** ms after which the next process is asked, too: one may be stopped, or busy. */
const stagger = 60;

/**
 * Asks the processes on this database to look something up in their memory.
 * @returns the first answer; undefined if nobody has one.
 */
export async function askMemories<Answer extends object>(
	folder: string,
	body: object,
	signal: AbortSignal,
): Promise<Answer | undefined> {
	const lenders = await lendersIn(folder);
	const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
	const answerOf = async (lender: LenderFile) => {
		const answer = await post<Answer | NotLent | Failed>(lender, "/recall", body, signal);
		return answer && !("notLent" in answer) && !("failed" in answer) ? answer : undefined;
	};
	let asked = 0;
	let open = lenders.length;
	const askNext = () => {
		const lender = lenders[asked];
		asked += 1;
		if (!lender) return;
		const later = setTimeout(askNext, stagger);
		void answerOf(lender)
			.then((answer) => answer && resolve(answer))
			// It was given up: so are the others.
			.catch(() => resolve(undefined))
			.finally(() => {
				clearTimeout(later);
				open -= 1;
				if (open === 0) resolve(undefined);
				else askNext();
			});
	};
	if (open === 0) resolve(undefined);
	askNext();
	return promise;
}

/** ms after which the next lender is asked for a secret. */
const secretTimeout = 3000;

/** The password of a user of a database, from a process that has it. */
export function askForPassword(
	folder: string,
	{ host, port, user }: PasswordRequest,
): Promise<string | undefined> {
	return askForSecret(folder, "password", { host, port, user });
}

/** The user's token for a team's server, from a process that has it. */
export function askForToken(folder: string, { origin }: TokenRequest): Promise<string | undefined> {
	return askForSecret(folder, "token", { origin });
}

async function askForSecret<Name extends keyof SecretRequests>(
	folder: string,
	name: Name,
	asked: SecretRequests[Name],
): Promise<string | undefined> {
	for (const lender of await lendersIn(folder)) {
		const signal = AbortSignal.timeout(secretTimeout);
		const answer = await post<Record<string, unknown>>(lender, `/${name}`, asked, signal).catch(
			() => undefined,
		);
		const secret = answer?.[name];
		if (typeof secret === "string" && secret !== "") return secret;
	}
	return undefined;
}

async function lendersIn(folder: string): Promise<LenderFile[]> {
	const names = await readdir(folder).catch(() => []);
	const files = names.filter((name) => lenderFilePattern.test(name)).map((name) => join(folder, name));
	const read = await Promise.all(
		files.map(async (file) => {
			try {
				return JSON.parse(await readFile(file, "utf8")) as LenderFile;
			} catch {
				// It is gone, or not whole.
				return undefined;
			}
		}),
	);
	return read.filter((each): each is LenderFile => typeof each?.socket === "string");
}

/** Undefined if nobody is there: a process that was killed leaves its file behind. */
function post<Answer>(
	{ socket, secret }: LenderFile,
	path: "/chat" | "/embed" | "/recall" | `/${keyof SecretRequests}`,
	body: object,
	signal: AbortSignal | undefined,
): Promise<Answer | undefined> {
	signal?.throwIfAborted();
	return new Promise((resolve, reject) => {
		const leave = () => (signal?.aborted ? reject(signal.reason) : resolve(undefined));
		const request = httpRequest(
			{
				socketPath: socket,
				method: "POST",
				path,
				headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
				...(signal ? { signal } : {}),
			},
			(response) => {
				const parts: Buffer[] = [];
				let length = 0;
				response.on("data", (part: Buffer) => {
					length += part.length;
					if (length > longestMessage) request.destroy(new Error("too long"));
					else parts.push(part);
				});
				response.once("error", leave);
				response.once("end", () => {
					try {
						const text = Buffer.concat(parts).toString("utf8");
						resolve(response.statusCode === 200 ? (JSON.parse(text) as Answer) : undefined);
					} catch {
						leave();
					}
				});
			},
		);
		request.once("error", leave);
		request.end(JSON.stringify(body));
	});
}
