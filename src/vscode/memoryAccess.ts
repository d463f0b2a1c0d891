import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { messageOf } from "../config/remarks.ts";
import { secretsIn } from "../config/secrets.ts";
import { readUsableConfig } from "../config/usableConfig.ts";
import { errorText } from "../memory/errorText.ts";
import type { Bundles } from "../memory/openMemory.ts";
import { whereTextsGo } from "../memory/requests.ts";
import { type AskAboutSecrets, listed } from "../memory/secrets/secretKinds.ts";
import type { UserMemory } from "../memory/userMemory.ts";
import { type AskToSend, secretWords, withoutExposed } from "../settings/keys/transit.ts";
import { settingsPrefix } from "../settings/settingNames.ts";
import { StoreError } from "../store/errors.ts";
import type { ChannelLog } from "./channelLog.ts";
import { hostEnvironment, networkSection } from "./settings/hostEnvironment.ts";
import { givenEnvironment } from "./settings/keys.ts";
import { notify } from "./ui.ts";

/** ms without a further change before settings are read again: several are usually saved together. */
const settleTime = 100;

/** For `mcpMem0.secrets` = ask. A question that is closed keeps nothing. */
const askAboutSecrets: AskAboutSecrets = async (kinds) => {
	const question = vscode.l10n.t("The text has {0} in it. Save it all the same?", listed(kinds));
	const [without, whole] = [vscode.l10n.t("Save Without"), vscode.l10n.t("Save As It Is")];
	const answer = await notify.warn(question, without, whole, vscode.l10n.t("Do Not Save"));
	return answer === without ? "redact" : answer === whole ? "keep" : "refuse";
};

function noToken({ url }: { readonly url: string }): StoreError {
	const text = vscode.l10n.t(
		"No token for the team's server {0} is stored. Enter the one that its administrator has given you.",
		url,
	);
	return new StoreError("refused", url, text);
}

export type MemoryAccess = ReturnType<typeof createMemoryAccess>;

/** The window's memory: opened when it is first needed, and again after settings or keys change. */
export function createMemoryAccess(context: vscode.ExtensionContext, log: ChannelLog) {
	const bundle = (name: string) => vscode.Uri.joinPath(context.extensionUri, "dist", name).fsPath;
	const bundles: Bundles = { embedder: bundle("embedder.cjs"), mem0: bundle("mem0.js") };
	const changed = new vscode.EventEmitter<void>();
	const asked = new vscode.EventEmitter<void>();
	let opened: Promise<UserMemory> | undefined;
	let current: UserMemory | undefined;
	/** When settings or keys were last changed. */
	let changedAt = Number.NEGATIVE_INFINITY;

	/** Half of a change might send a text to the right host with the wrong model, or worse. */
	const settled = async () => {
		const rest = () => changedAt + settleTime - performance.now();
		while (rest() > 0) await sleep(rest());
	};

	/** A memory opens by itself: it says what it does without, and what asks. */
	const withheld: AskToSend = async (origin, what, why) => {
		const text =
			why === "readable"
				? vscode.l10n.t(
						"Not sent to {0}, because others could read it on the way: {1}. Run Mem0: Test Connection to decide.",
						origin,
						secretWords(what),
					)
				: vscode.l10n.t(
						"The headers were set for another host, and are not sent to {0}. Run Mem0: Test Connection to send them there.",
						origin,
					);
		log.warn(text);
		void notify.warn(text);
		return false;
	};

	const open = async () => {
		const { openMemory } = await import("../memory/openMemory.ts");
		await settled();
		const given = await givenEnvironment(context.secrets);
		log.hide(secretsIn(given, hostEnvironment()));
		const env = await withoutExposed(context.secrets, given, hostEnvironment(), withheld);
		const { config, notices: remarks, notConfigured } = readUsableConfig(env, hostEnvironment());
		for (const remark of remarks) log.warn(messageOf(remark));
		const { llm } = config;
		const { copilotChat } = await import("./copilotChat.ts");
		const access = context.languageModelAccessInformation;
		const hostModel = llm?.provider === "vscode" ? copilotChat(llm, access) : undefined;
		const { teamServer } = config;
		if (teamServer && teamServer.token === undefined) throw noToken(teamServer);
		const memory = await openMemory({ config, bundles, log, hostModel, askAboutSecrets, notConfigured });
		memory.onDidChange(() => changed.fire());
		memory.onDidAsk(() => asked.fire());
		current = memory;
		memory.startBackgroundWork();
		if (!teamServer) await tellStatus(memory);
		// It is open without its server, too, and hears when that is back.
		else
			void tellStatus(memory).catch((error: unknown) => {
				log.warn(`Memory: ${teamServer.url}, which gets texts and queries. ${errorText(error)}`);
			});
		return memory;
	};

	const tellStatus = async (memory: UserMemory) => {
		const status = await memory.status();
		const { database, notices, teamServer } = status;
		log.info(`Memory: ${database}.`);
		log.info(whereTextsGo(status));
		// Those of a team's server are for its administrator to act on.
		for (const notice of notices)
			if (teamServer !== undefined) log.warn(notice);
			else
				void notify
					.warn(notice, vscode.l10n.t("Don't Show Again"))
					.then((answer) => (answer ? memory.noticesSeen() : undefined));
	};

	const close = async () => {
		const closing = opened;
		opened = undefined;
		current = undefined;
		// The caller that opened the memory has the error.
		const memory = await closing?.catch(() => undefined);
		await memory?.dispose();
	};

	const reopen = () => {
		changedAt = performance.now();
		void close();
		changed.fire();
	};

	const subscriptions = vscode.Disposable.from(
		asked,
		changed,
		vscode.workspace.onDidChangeConfiguration((change) => {
			if (change.affectsConfiguration(networkSection)) reopen();
			if (!change.affectsConfiguration(settingsPrefix)) return;
			const affects = (name: string) => change.affectsConfiguration(`${settingsPrefix}.${name}`);
			const others = [
				"storage",
				"database",
				"teamServer",
				"backups",
				"userId",
				"secrets",
				"llm",
				"embedding",
				"azure",
				"requestTimeout",
			].some(affects);
			if (!opened || others || !affects("logLevel")) reopen();
		}),
		context.secrets.onDidChange(reopen),
		// A model may have become available.
		vscode.lm.onDidChangeChatModels(() => void opened?.then((memory) => memory.workSoon())),
	);

	return {
		bundles,
		/** A request went to a model endpoint. */
		onDidAsk: asked.event,
		/** Memories changed, or another memory is open. */
		onDidChange: changed.event,
		/** The memory, if it is open; this does not open it. */
		get current() {
			return current;
		},
		/** @throws StoreError, ConfigError; the next call tries again. */
		get: (): Promise<UserMemory> => {
			if (opened) return opened;
			const opening = open();
			opened = opening;
			opening.catch(() => {
				if (opened === opening) opened = undefined;
			});
			return opening;
		},
		dispose: (): Promise<void> => {
			subscriptions.dispose();
			return close();
		},
	};
}
