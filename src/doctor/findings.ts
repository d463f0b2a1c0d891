import type { EndpointRole } from "../config/endpoints.ts";
import { mapTexts, withoutSecrets } from "./output/redact.ts";
import type { Finding, FindingRole, Fix } from "./report.ts";

/** What a check says; who adds it to the report knows the rest. */
export type CheckResult = Pick<Finding, "status" | "seen" | "cause" | "evidence"> & {
	readonly fixes?: readonly Fix[];
};

/** The checks that ask something of the outside, in the order they are made in. */
export const connectionStages = ["dns", "tcp", "tls", "path", "auth", "models"] as const;
export const chatStages = ["chat", "json", "context"] as const;
export const embeddingStages = ["vectors", "batch", "meaning"] as const;

export type Stage =
	| (typeof connectionStages)[number]
	| (typeof chatStages)[number]
	| (typeof embeddingStages)[number];

const titles: Readonly<Record<Stage, string>> = {
	dns: "Host name is found",
	tcp: "Server accepts connections",
	tls: "Connection is encrypted",
	path: "URL leads to an OpenAI-compatible API",
	auth: "Key is accepted",
	models: "Model is there",
	chat: "Model answers",
	json: "Model answers in JSON",
	context: "mem0's instructions fit into the context",
	vectors: "Vectors are sound",
	batch: "Batches keep their order",
	meaning: "Vectors tell meaning apart",
};

const roleNames = { chat: "Language model", embedding: "Embeddings" } as const;

/** "Language model: key is accepted" */
export function titleOf(role: EndpointRole, stage: Stage): string {
	const title = titles[stage];
	const keepsCase = /^(URL|[a-z])/.test(title);
	return `${roleNames[role]}: ${keepsCase ? title : title.charAt(0).toLowerCase() + title.slice(1)}`;
}

/** Collects findings in the order of the checks, and tells of each as soon as it is there. */
export class Findings {
	readonly all: Finding[] = [];
	readonly #onFinding: ((finding: Finding) => void) | undefined;
	readonly #secrets: readonly string[];
	#begun = performance.now();

	/** @param secrets what no finding may hold, wherever it came from. */
	constructor(secrets: readonly string[], onFinding: ((finding: Finding) => void) | undefined) {
		this.#secrets = secrets;
		this.#onFinding = onFinding;
	}

	/** @param duration ms; the time since the last finding when absent. */
	add(role: FindingRole, name: string, title: string, draft: CheckResult, duration?: number): void {
		const now = performance.now();
		const { status, seen, cause, fixes = [], evidence = [] } = draft;
		const found: Finding = {
			id: `${role}.${name}`,
			role,
			status,
			title,
			seen,
			...(cause ? { cause } : {}),
			fixes,
			...(evidence.length > 0 ? { evidence } : {}),
			duration: Math.round(duration ?? now - this.#begun),
		};
		const finding = mapTexts(found, (text) => withoutSecrets(text, this.#secrets));
		this.#begun = now;
		this.all.push(finding);
		this.#onFinding?.(finding);
	}

	stage(role: EndpointRole, stage: Stage, draft: CheckResult, duration?: number): void {
		this.add(role, stage, titleOf(role, stage), draft, duration);
	}

	/** What an earlier finding explains is not checked. */
	skip(role: EndpointRole, stages: readonly Stage[], why: string): void {
		for (const stage of stages) this.stage(role, stage, { status: "skipped", seen: why }, 0);
	}
}

/** The stages after one of `all`. */
export function after<T>(all: readonly T[], stage: T): readonly T[] {
	return all.slice(all.indexOf(stage) + 1);
}
