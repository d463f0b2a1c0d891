import * as vscode from "vscode";
import type { HttpEndpoint } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import type { HealthCheck } from "../../doctor/health/healthCheck.ts";
import type { Watch, WatchedEndpoint } from "../../doctor/health/watch.ts";
import type { EndpointRole } from "../../doctor/target.ts";
import { settingsPrefix } from "../../settings/settingNames.ts";
import type { MemoryAccess } from "../memoryAccess.ts";
import { storedKeys } from "../settings/keys.ts";
import { readSettings } from "../settings/vscodeSettings.ts";

/** ms after activation; the window comes first. */
const startDelay = 2000;
/** ms without a further change before changed settings are read. */
const settleTime = 500;

interface WatchDeps {
	readonly context: vscode.ExtensionContext;
	readonly log: Log;
	readonly memory: MemoryAccess;
}

/** Watches the health of the endpoints that the settings name; see doctor/health/watch.ts. */
export class EndpointWatch implements vscode.Disposable {
	readonly #deps: WatchDeps;
	readonly #changed = new vscode.EventEmitter<void>();
	readonly #subscriptions: vscode.Disposable;
	#watch: Watch | undefined;
	#keys: Partial<Record<EndpointRole, string>> = {};
	#timer: NodeJS.Timeout | undefined;
	#interval = -1;
	#examining = 0;
	#disposed = false;

	/** Something else is known of an endpoint. */
	readonly onDidChange: vscode.Event<void> = this.#changed.event;

	constructor(deps: WatchDeps) {
		this.#deps = deps;
		this.#subscriptions = vscode.Disposable.from(
			vscode.workspace.onDidChangeConfiguration((change) => {
				if (change.affectsConfiguration(settingsPrefix)) this.#readSoon(settleTime);
			}),
			deps.context.secrets.onDidChange(() => this.#readSoon(settleTime)),
			deps.memory.onDidAsk(() => this.#watch?.asked()),
			vscode.window.onDidChangeWindowState(({ focused }) => {
				if (this.#watch) this.#watch.focused = focused;
			}),
		);
		this.#readSoon(startDelay);
	}

	/** What the last looks have told. */
	get looks(): { readonly llm?: HealthCheck | undefined; readonly embedding?: HealthCheck | undefined } {
		const { llm, embedding } = this.#keys;
		return {
			llm: llm === undefined ? undefined : this.#watch?.lastLook(llm),
			embedding: embedding === undefined ? undefined : this.#watch?.lastLook(embedding),
		};
	}

	/** Whether it is being found out how endpoints do. */
	get checking(): boolean {
		return this.#examining > 0 || (this.#watch?.looking ?? false);
	}

	/** Shows that somebody examines the endpoints, as long as it takes. */
	async while<T>(examination: () => Promise<T>): Promise<T> {
		this.#examining += 1;
		this.#changed.fire();
		try {
			return await examination();
		} finally {
			this.#examining -= 1;
			this.#changed.fire();
		}
	}

	/** What an examination has told of a role's endpoint. */
	tell(role: EndpointRole, look: HealthCheck): void {
		const key = this.#keys[role];
		if (key !== undefined) this.#watch?.tell(key, look);
	}

	dispose(): void {
		this.#disposed = true;
		clearTimeout(this.#timer);
		this.#watch?.dispose();
		this.#subscriptions.dispose();
		this.#changed.dispose();
	}

	#readSoon(delay: number): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			this.#read().catch((error: unknown) => {
				// Settings that are not valid are told of by whatever needs them.
				this.#deps.log.debug(`Endpoints are not watched: ${String(error)}`);
			});
		}, delay);
	}

	async #read(): Promise<void> {
		const { llm, embedding, healthCheckInterval, diagnosticsTimeout } = readSettings(
			await storedKeys(this.#deps.context.secrets),
		);
		const roles: (readonly [EndpointRole, HttpEndpoint])[] = [
			...(llm && llm.provider !== "vscode" ? [["llm", llm] as const] : []),
			...(embedding ? [["embedding", embedding] as const] : []),
		];
		if (roles.length === 0 && !this.#watch) return;
		const [{ Watch }, { checkHealth }] = await Promise.all([
			import("../../doctor/health/watch.ts"),
			import("../../doctor/health/healthCheck.ts"),
		]);
		if (this.#disposed) return;
		if (!this.#watch || this.#interval !== healthCheckInterval) {
			this.#watch?.dispose();
			this.#interval = healthCheckInterval;
			this.#watch = new Watch({ interval: healthCheckInterval, onDidLook: () => this.#changed.fire() });
			this.#watch.focused = vscode.window.state.focused;
		}
		const watched = new Map<string, WatchedEndpoint>();
		this.#keys = {};
		for (const [role, endpoint] of roles) {
			const key = JSON.stringify([endpoint.provider, endpoint.baseUrl, endpoint.apiKey, endpoint.headers]);
			this.#keys[role] = key;
			if (!watched.has(key))
				watched.set(key, {
					key,
					look: (signal) => checkHealth(role, endpoint, diagnosticsTimeout, signal),
					lastRequest: () => this.#lastRequest(key),
				});
		}
		this.#watch.watch([...watched.values()]);
		this.#changed.fire();
	}

	/** Of whichever role uses the endpoint. */
	#lastRequest(key: string): { readonly at: number; readonly ok: boolean } | undefined {
		const traffic = this.#deps.memory.current?.traffic() ?? {};
		return (["llm", "embedding"] as const)
			.filter((role) => this.#keys[role] === key)
			.map((role) => traffic[role]?.last)
			.filter((last) => last !== undefined)
			.sort((a, b) => b.at - a.at)[0];
	}
}
