import * as vscode from "vscode";
import { type EndpointRole, httpOnly, urlsOf } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import { readUsableConfig } from "../../config/usableConfig.ts";
import type { HealthCheck } from "../../doctor/health/healthCheck.ts";
import type { Watch, WatchedEndpoint } from "../../doctor/health/watch.ts";
import { settingsPrefix } from "../../settings/settingNames.ts";
import type { MemoryAccess } from "../memoryAccess.ts";
import { hostEnvironment, networkSection } from "../settings/hostEnvironment.ts";
import { storedEnvironment } from "../settings/keys.ts";

/** ms after activation, so that the window opens first. */
const startDelay = 2000;
/** ms without a further change before changed settings are read. */
const settleTime = 500;

export type EndpointWatch = ReturnType<typeof createEndpointWatch>;

/** Watches the health of the endpoints that the settings name; see doctor/health/watch.ts. */
export function createEndpointWatch({ secrets }: vscode.ExtensionContext, log: Log, memory: MemoryAccess) {
	const changed = new vscode.EventEmitter<void>();
	let watch: Watch | undefined;
	/** The endpoint of each role, as the watch knows it. */
	let keys: Partial<Record<EndpointRole, string>> = {};
	let timer: NodeJS.Timeout | undefined;
	let interval = -1;
	let examining = 0;
	let disposed = false;

	/** The last request of any role that uses the endpoint. */
	const lastRequest = (key: string) => {
		const traffic = memory.current?.traffic();
		return (["chat", "embedding"] as const)
			.filter((role) => keys[role] === key)
			.map((role) => traffic?.[role].last)
			.filter((last) => last !== undefined)
			.sort((a, b) => b.at - a.at)[0];
	};

	const read = async () => {
		const settings = readUsableConfig(await storedEnvironment(secrets), hostEnvironment()).config;
		const { embedding, healthCheckInterval, diagnosticsTimeout } = settings;
		const llm = httpOnly(settings.llm);
		if (!llm && !embedding && !watch) return;
		const [{ Watch }, { checkHealth }] = await Promise.all([
			import("../../doctor/health/watch.ts"),
			import("../../doctor/health/healthCheck.ts"),
		]);
		if (disposed) return;
		if (!watch || interval !== healthCheckInterval) {
			watch?.dispose();
			interval = healthCheckInterval;
			watch = new Watch({ interval, onDidCheck: () => changed.fire() });
			watch.focused = vscode.window.state.focused;
		}
		const watched = new Map<string, WatchedEndpoint>();
		keys = {};
		// Where both roles share an endpoint, the language model's check serves both.
		for (const role of ["embedding", "chat"] as const) {
			const endpoint = role === "chat" ? llm : embedding;
			if (!endpoint) continue;
			const { provider, apiKey, headers, network } = endpoint;
			const key = JSON.stringify([provider, urlsOf(endpoint), apiKey, headers, network]);
			keys[role] = key;
			const check = (signal: AbortSignal) => checkHealth(role, endpoint, diagnosticsTimeout, signal);
			watched.set(key, { key, check, lastRequest: () => lastRequest(key) });
		}
		watch.watch([...watched.values()]);
		changed.fire();
	};

	const readSoon = (delay: number) => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			// Whatever needs the settings reports that they are not valid.
			read().catch((error: unknown) => log.debug(`Endpoints are not watched: ${String(error)}`));
		}, delay);
	};
	readSoon(startDelay);

	const subscriptions = vscode.Disposable.from(
		changed,
		vscode.workspace.onDidChangeConfiguration((change) => {
			if ([settingsPrefix, networkSection].some((name) => change.affectsConfiguration(name)))
				readSoon(settleTime);
		}),
		secrets.onDidChange(() => readSoon(settleTime)),
		memory.onDidAsk(() => watch?.recordRequest()),
		vscode.window.onDidChangeWindowState(({ focused }) => {
			if (watch) watch.focused = focused;
		}),
	);

	return {
		/** The health of an endpoint may have changed. */
		onDidChange: changed.event,
		/** The last health check of each role. */
		get checks(): Readonly<Record<EndpointRole, HealthCheck | undefined>> {
			const last = (role: EndpointRole) => watch?.lastCheck(keys[role] ?? "");
			return { chat: last("chat"), embedding: last("embedding") };
		},
		/** Whether a check or an examination is running. */
		get checking(): boolean {
			return examining > 0 || (watch?.checking ?? false);
		},
		/** Reports `checking` while the examination runs. */
		async while<T>(examination: () => Promise<T>): Promise<T> {
			examining += 1;
			changed.fire();
			try {
				return await examination();
			} finally {
				examining -= 1;
				changed.fire();
			}
		},
		/** Takes over what an examination found out about a role's endpoint. */
		tell: (role: EndpointRole, check: HealthCheck) => watch?.recordCheck(keys[role] ?? "", check),
		dispose: () => {
			disposed = true;
			clearTimeout(timer);
			watch?.dispose();
			subscriptions.dispose();
		},
	};
}
