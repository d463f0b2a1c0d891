import { randomBytes, timingSafeEqual } from "node:crypto";
import { rmSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { ChatModel } from "../chatModel.ts";
import { type Embedder, TextsNotEmbedded } from "../embedder.ts";
import { createServer } from "../nodeHttp.ts";
import {
	type ChatRequest,
	type EmbedAnswer,
	type EmbedRequest,
	failedWith,
	lenderFile,
	lenderFilePattern,
	longestMessage,
	type PasswordRequest,
	type SecretRequests,
	socketPath,
	type TokenRequest,
	toText,
} from "./protocol.ts";

/** Opens what is lent when somebody asks for it. */
export type LentModels = () => Promise<{
	readonly chat: ChatModel | undefined;
	readonly embedder: Embedder | undefined;
}>;

/** Looks something up in this process's memory; undefined: in another one than is meant. */
export type LentMemory = (question: unknown, signal: AbortSignal) => Promise<object | undefined>;

/** What a process does for the user's other processes. */
export interface Lent {
	/** Absent: it has no key either. */
	readonly models?: LentModels;
	readonly recall?: LentMemory;
	/** Undefined: it has another database, or no password of it. */
	readonly password?: (asked: PasswordRequest) => Promise<string | undefined>;
	/** Undefined: it has another team's server, or no token for it. */
	readonly token?: (asked: TokenRequest) => Promise<string | undefined>;
}

/**
 * Asks this process's models for the user's other processes, which have no key, and looks things up in its memory for
 * those that have no time to open it.
 * @param folder of the database that they share.
 */
export async function lend(folder: string, lent: Lent): Promise<{ dispose(): Promise<void> }> {
	const secret = randomBytes(32).toString("base64url");
	const socket = socketPath(folder, `${process.pid}-${randomBytes(4).toString("hex")}`);
	const file = lenderFile(folder);
	const server = createServer((request, response) => {
		answerOf(request, response, secret, lent).then(
			(answer) => {
				response.setHeader("Content-Type", "application/json");
				response.end(JSON.stringify(answer));
			},
			() => response.writeHead(400).end(),
		);
	});
	await mkdir(folder, { recursive: true, mode: 0o700 });
	await removeFilesOfTheDead(folder);
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject).listen(socket, resolve);
	});
	server.unref();
	if (process.platform !== "win32") await chmod(socket, 0o600);
	const temporary = `${file}.tmp`;
	await writeFile(temporary, JSON.stringify({ socket, secret }), { mode: 0o600 });
	await rename(temporary, file);
	const forget = () => rmSync(file, { force: true });
	process.once("exit", forget);
	return {
		async dispose() {
			process.removeListener("exit", forget);
			await rm(file, { force: true });
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

/** A process that was killed leaves its file behind. */
async function removeFilesOfTheDead(folder: string): Promise<void> {
	for (const name of (await readdir(folder)).filter((each) => lenderFilePattern.test(each))) {
		try {
			process.kill(Number(/\d+/.exec(name)?.[0]), 0);
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			if (code === "ESRCH") await rm(join(folder, name), { force: true });
		}
	}
}

async function answerOf(
	request: IncomingMessage,
	response: ServerResponse,
	secret: string,
	{ models, recall, password, token }: Lent,
): Promise<unknown> {
	const given = Buffer.from(request.headers.authorization ?? "");
	const wanted = Buffer.from(`Bearer ${secret}`);
	if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Error("not ours");
	const body = JSON.parse(await textOf(request)) as unknown;
	const stop = new AbortController();
	response.once("close", () => stop.abort(new Error("nobody waits for the answer")));
	if (request.url === "/recall") return (await recall?.(body, stop.signal)) ?? { notLent: true };
	if (request.url === "/password") return secretAnswer("password", await password?.(body as PasswordRequest));
	if (request.url === "/token") return secretAnswer("token", await token?.(body as TokenRequest));
	const role = request.url === "/chat" ? "chat" : "embedding";
	if (!models) return { notLent: true };
	try {
		const { chat, embedder } = await models();
		return role === "chat"
			? await chatAnswer(chat, body as ChatRequest, stop.signal)
			: await embedAnswer(embedder, body as EmbedRequest, stop.signal);
	} catch (error) {
		return failedWith(error, role);
	}
}

function secretAnswer(name: keyof SecretRequests, secret: string | undefined) {
	return secret === undefined ? { notLent: true } : { [name]: secret };
}

async function chatAnswer(
	chat: ChatModel | undefined,
	{ model, messages, options }: ChatRequest,
	signal: AbortSignal,
) {
	if (!chat || (model !== undefined && chat.description !== model)) return { notLent: true };
	return chat.complete(messages, { ...options, signal });
}

async function embedAnswer(
	embedder: Embedder | undefined,
	{ model, texts, purpose }: EmbedRequest,
	signal: AbortSignal,
) {
	if (embedder?.description !== model) return { notLent: true };
	const { vectors, failed } = await embedder.embed(texts, { signal, ...(purpose ? { purpose } : {}) }).then(
		(all) => ({ vectors: all, failed: new Map<number, Error>() }),
		(error: unknown) => {
			if (error instanceof TextsNotEmbedded) return error;
			throw error;
		},
	);
	return {
		vectors: vectors.map((vector) => (vector ? toText(vector) : null)),
		space: embedder.space,
		calibration: embedder.calibration,
		remark: embedder.remark,
		notEmbedded: [...failed].map(([place, error]) => [place, failedWith(error, "embedding")] as const),
	} satisfies EmbedAnswer;
}

async function textOf(request: IncomingMessage): Promise<string> {
	const parts: Buffer[] = [];
	let length = 0;
	for await (const part of request as AsyncIterable<Buffer>) {
		length += part.length;
		if (length > longestMessage) throw new Error("too long");
		parts.push(part);
	}
	return Buffer.concat(parts).toString("utf8");
}
