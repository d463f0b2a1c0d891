import type { IncomingHttpHeaders } from "node:http";
import { answerChat } from "./chat.ts";
import { answerEmbeddings } from "./embeddings.ts";
import { answerOfFault, type Fault } from "./faults.ts";
import { answerModels, answerNative } from "./models.ts";
import type { Settings } from "./settings.ts";
import type { Answer, RecordedRequest, Role } from "./types.ts";

export function roleOf(path: string): Role | undefined {
	if (path.endsWith("/chat/completions")) return "chat";
	if (path.endsWith("/embeddings")) return "embeddings";
	if (path.endsWith("/models")) return "models";
	return undefined;
}

/** The server's answer to a complete request. */
export async function answerRequest(
	request: RecordedRequest,
	settings: Settings,
	fault: Fault | undefined,
): Promise<Answer> {
	const answer =
		answerOfFault(fault, settings.quirks) ??
		refuseKey(request, settings) ??
		(await route(request, settings, fault));
	if (fault?.kind !== "truncated" || roleOf(request.path) === "chat") return answer;
	return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length * 0.6)) };
}

function refuseKey({ headers, path }: RecordedRequest, settings: Settings): Answer | undefined {
	const { apiKey, quirks } = settings;
	if (apiKey === undefined || (quirks.openModels && roleOf(path) === "models")) return undefined;
	const key = keyOf(headers as IncomingHttpHeaders, settings);
	return key === apiKey ? undefined : quirks.unauthorized(key);
}

function keyOf(headers: IncomingHttpHeaders, { family }: Settings): string | undefined {
	if (family === "azure") return headers["api-key"]?.toString();
	return /^Bearer\s+(\S.*)$/i.exec(headers.authorization ?? "")?.[1];
}

async function route(
	request: RecordedRequest,
	settings: Settings,
	fault: Fault | undefined,
): Promise<Answer> {
	const { method, path, body } = request;
	const { basePath, quirks } = settings;
	const found = target(request, settings);
	if (found?.role === "models") {
		const models = answerModels(settings);
		if (models) return models;
	} else if (found) {
		if (typeof body !== "object" || body === null || Array.isArray(body))
			return quirks.error(400, "We could not parse the JSON body of your request.");
		const named = found.deployment === undefined ? body : { ...body, model: found.deployment };
		const answer = found.role === "chat" ? answerChat : answerEmbeddings;
		return answer(named as Readonly<Record<string, unknown>>, settings, fault);
	}
	return (
		answerNative(method, path, body, settings) ??
		quirks.unknownPath(method, path, path.startsWith(`${basePath}/`))
	);
}

interface Target {
	readonly role: Role;
	/** Azure names the model in the path. */
	readonly deployment?: string;
}

/** The part of the OpenAI API that a request is for; undefined where its path is wrong. */
function target({ method, path, query }: RecordedRequest, settings: Settings): Target | undefined {
	const { basePath, family, quirks } = settings;
	if (!path.startsWith(`${basePath}/`)) return undefined;
	const rest = path.slice(basePath.length);
	if (family === "azure") {
		const [, name, operation] = /^\/deployments\/([^/]+)(\/.+)$/.exec(rest) ?? [];
		const role = rolesByPath[operation ?? ""];
		if (name === undefined || role === undefined || role === "models" || method !== "POST") return undefined;
		if (!new URLSearchParams(query).get("api-version")) return undefined;
		return { role, deployment: decodeURIComponent(name) };
	}
	const role = rolesByPath[rest];
	if (role === undefined || method !== (role === "models" ? "GET" : "POST")) return undefined;
	return role === "chat" && !quirks.chat ? undefined : { role };
}

const rolesByPath: Readonly<Record<string, Role>> = {
	"/chat/completions": "chat",
	"/embeddings": "embeddings",
	"/models": "models",
};
