import * as vscode from "vscode";
import { type EndpointRole, httpOnly } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import type { HealthCheck } from "../../doctor/health/healthCheck.ts";
import type { Watch, WatchedEndpoint } from "../../doctor/health/watch.ts";
import { settingsPrefix } from "../../settings/settingNames.ts";
import type { MemoryAccess } from "../memoryAccess.ts";
import { storedKeys } from "../settings/keys.ts";
import { readSettings } from "../settings/vscodeSettings.ts";

/** ms after activation, so that the window opens first. */
const startDelay = 2000;
/** ms without a further change before changed settings are read. */
const settleTime = 500;

/** Watches the health of the endpoints that the settings name; see doctor/health/watch.ts. */
export class EndpointWatch implements vscode.Disposable {
	readonly #log: Log;
	readonly #secrets: vscode.SecretStorage;
	readonly #memory: MemoryAccess;
	readonly #changed = new vscode.EventEmitter<void>();
	readonly #subscriptions: vscode.Disposable;
	#watch: Watch | undefined;
	/** The endpoint of each role, as the watch knows it. */
	#keys: Partial<Record<EndpointRole, string>> = {};
	#timer: NodeJS.Timeout | undefined;
	#interval = -1;
	#examining = 0;
	#disposed = false;

	/** The health of an endpoint may have changed. */
	readonly onDidChange: vscode.Event<void> = this.#changed.event;

	constructor({ secrets }: vscode.ExtensionContext, log: Log, memory: MemoryAccess) {
		this.#log = log;
		this.#secrets = secrets;
		this.#memory = memory;
		this.#subscriptions = vscode.Disposable.from(
			vscode.workspace.onDidChangeConfiguration((change) => {
				if (change.affectsConfiguration(settingsPrefix)) this.#readSoon(settleTime);
			}),
			secrets.onDidChange(() => this.#readSoon(settleTime)),
			memory.onDidAsk(() => this.#watch?.recordRequest()),
			vscode.window.onDidChangeWindowState(({ focused }) => {
				if (this.#watch) this.#watch.focused = focused;
			}),
		);
		this.#readSoon(startDelay);
	}

	/** The last health check of each role. */
	get checks(): Readonly<Record<EndpointRole, HealthCheck | undefined>> {
		const last = (role: EndpointRole) => this.#watch?.lastCheck(this.#keys[role] ?? "");
		return { chat: last("chat"), embedding: last("embedding") };
	}

	/** Whether a check or an examination is running. */
	get checking(): boolean {
		return this.#examining > 0 || (this.#watch?.checking ?? false);
	}

	/** Reports `checking` while the examination runs. */
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

	/** Takes over what an examination found out about a role's endpoint. */
	tell(role: EndpointRole, check: HealthCheck): void {
		this.#watch?.recordCheck(this.#keys[role] ?? "", check);
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
				// Whatever needs the settings reports that they are not valid.
				this.#log.debug(`Endpoints are not watched: ${String(error)}`);
			});
		}, delay);
	}

	async #read(): Promise<void> {
		const { llm, embedding, healthCheckInterval, diagnosticsTimeout } = readSettings(
			await storedKeys(this.#secrets),
		);
		const http = httpOnly(llm);
		if (!http && !embedding && !this.#watch) return;
		const [{ Watch }, { checkHealth }] = await Promise.all([
			import("../../doctor/health/watch.ts"),
			import("../../doctor/health/healthCheck.ts"),
		]);
		if (this.#disposed) return;
		if (!this.#watch || this.#interval !== healthCheckInterval) {
			this.#watch?.dispose();
			this.#interval = healthCheckInterval;
			this.#watch = new Watch({ interval: healthCheckInterval, onDidCheck: () => this.#changed.fire() });
			this.#watch.focused = vscode.window.state.focused;
		}
		const watched = new Map<string, WatchedEndpoint>();
		this.#keys = {};
		// Where both roles share an endpoint, the language model's check serves both.
		for (const role of ["embedding", "chat"] as const) {
			const endpoint = role === "chat" ? http : embedding;
			if (!endpoint) continue;
			const key = JSON.stringify([endpoint.provider, endpoint.baseUrl, endpoint.apiKey, endpoint.headers]);
			this.#keys[role] = key;
			const check = (signal: AbortSignal) => checkHealth(role, endpoint, diagnosticsTimeout, signal);
			watched.set(key, { key, check, lastRequest: () => this.#lastRequest(key) });
		}
		this.#watch.watch([...watched.values()]);
		this.#changed.fire();
	}

	/** The last request of any role that uses the endpoint. */
	#lastRequest(key: string): { readonly at: number; readonly ok: boolean } | undefined {
		const traffic = this.#memory.current?.traffic();
		return (["chat", "embedding"] as const)
			.filter((role) => this.#keys[role] === key)
			.map((role) => traffic?.[role].last)
			.filter((last) => last !== undefined)
			.sort((a, b) => b.at - a.at)[0];
	}
}
