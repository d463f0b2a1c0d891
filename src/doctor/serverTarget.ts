import type { Network } from "../config/network.ts";
import type { SettledWay } from "../config/proxies.ts";
import type { Answer, Failure } from "./probe.ts";
import type { Fix } from "./report.ts";
import type { Run } from "./run.ts";

/** A server, as far as the checks go of whether it can be reached: of a model's endpoint, or a team's. */
export interface ServerTarget {
	readonly host: string;
	readonly endpoint: { readonly baseUrl: string; readonly network?: Network };
	readonly run: Run;
	/** By which the server is reached. */
	way: SettledWay | undefined;
	/** The answer to the first request, which all checks of the connection look at. */
	readonly first: () => Promise<Answer | Failure>;
	/** Adds it to the evidence of the next finding. */
	readonly recordFirst: (outcome: Answer | Failure) => void;
	readonly setUrl: (url: string, label: string) => Fix;
	readonly openUrl: Fix;
	/** Where nothing listens. */
	readonly start: Fix;
	/** Completes "The URL names no port; ". */
	readonly usualPort: string;
}
