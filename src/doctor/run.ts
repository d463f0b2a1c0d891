import type { Environment } from "../config/variables.ts";

/** What all checks of one run share. */
export interface Run {
	readonly ambient: Environment;
	/** ms that one check may take. */
	readonly deadline: number;
	/** Whether models may be asked: it costs tokens. */
	readonly asksModels: boolean;
	readonly signal: AbortSignal;
	/** Of the next finding. */
	readonly evidence: string[];
}
