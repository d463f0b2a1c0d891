import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { toHtml } from "../../doctor/output/html.ts";
import { changes, counts, toMarkdown, verdict } from "../../doctor/output/text.ts";
import { type Finding, type FindingRole, findingRoles, type Report, worstOf } from "../../doctor/report.ts";
import { affectedRoles, merged } from "../../doctor/rerun.ts";
import { inSettings } from "../../settings/settingNames.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { settingsEnvironment } from "../settings/vscodeSettings.ts";
import { flash, notify, withProgress } from "../ui.ts";
import { applyFix, savedSettings } from "./applyFix.ts";
import { examineHere } from "./examination.ts";

interface Kind {
	/** Of the progress. */
	readonly title: string;
	/** The notification with the result. */
	readonly tell: (result: string) => string;
	readonly roles: readonly FindingRole[];
	readonly depth?: "connection";
}

const kinds = {
	connection: {
		title: vscode.l10n.t("Testing the connection"),
		tell: (result: string) => vscode.l10n.t("Connection: {0}", result),
		roles: ["configuration", "chat", "embedding"],
		depth: "connection",
	},
	/** Where a team's server has the memory, whose models are its own. */
	server: {
		title: vscode.l10n.t("Testing the connection"),
		tell: (result: string) => vscode.l10n.t("Connection: {0}", result),
		roles: ["configuration", "storage"],
		depth: "connection",
	},
	model: {
		title: vscode.l10n.t("Testing the language model"),
		tell: (result: string) => vscode.l10n.t("Model: {0}", result),
		roles: ["configuration", "chat"],
	},
	embeddings: {
		title: vscode.l10n.t("Testing embeddings"),
		tell: (result: string) => vscode.l10n.t("Embeddings: {0}", result),
		roles: ["configuration", "embedding"],
	},
	all: {
		title: vscode.l10n.t("Running all diagnostics"),
		tell: (result: string) => vscode.l10n.t("Diagnostics: {0}", result),
		roles: findingRoles,
	},
} as const satisfies Readonly<Record<string, Kind>>;

/** Runs the checks for a person, shows the report, and applies the fixes they choose in it. */
export class Diagnostics implements vscode.Disposable {
	readonly #deps: Deps;
	#panel: vscode.WebviewPanel | undefined;
	#report: Report | undefined;
	#kind: Kind = kinds.all;

	constructor(deps: Deps) {
		this.#deps = deps;
	}

	async run(asked: keyof typeof kinds): Promise<void> {
		await runForUser(this.#deps, async () => {
			const onServer = settingsEnvironment().TEAM_SERVER_URL !== undefined;
			const name = asked === "connection" && onServer ? "server" : asked;
			this.#kind = kinds[name];
			const report = await this.#examine(this.#kind.roles);
			this.#report = report;
			if (name === "all" || this.#panel) this.#show(report, []);
			if (name !== "all") void this.#tell(kinds[name].tell, report);
		});
	}

	/** Called by the report's links. */
	async applyFix(id: string, index: number): Promise<void> {
		const finding = this.#report?.findings.find((each) => each.id === id);
		const fix = finding?.fixes[index];
		if (!finding || !fix) return;
		await runForUser(this.#deps, async () => {
			const { context } = this.#deps;
			if (!(await applyFix(context, fix, savedSettings(context)))) return;
			const before = this.#report;
			const affected = affectedRoles(fix, finding).filter((role) => this.#kind.roles.includes(role));
			const now = await this.#examine(affected);
			if (!before || now.cancelled) return;
			this.#report = merged(before, now, affected);
			this.#show(this.#report, changes(before, this.#report));
		});
	}

	async copy(): Promise<void> {
		if (!this.#report) return;
		await vscode.env.clipboard.writeText(toMarkdown(this.#report, settingsEnvironment().DEFAULT_USER_ID));
		flash(vscode.l10n.t("The report was copied, without keys, user name and home folder"));
	}

	dispose(): void {
		this.#panel?.dispose();
	}

	#examine(roles: readonly FindingRole[]): Thenable<Report> {
		const { title, depth = "full" } = this.#kind;
		return withProgress(title, (say, signal) => {
			const onFinding = (finding: Finding) => say(inSettings(finding.title));
			return examineHere(this.#deps, { roles, depth, signal, onFinding });
		});
	}

	/** One sentence and the best fix. */
	async #tell(tell: Kind["tell"], report: Report): Promise<void> {
		const worst = worstOf(report.findings);
		const finding = report.findings.find(({ status }) => status === worst);
		const fix = finding?.fixes.find((each) => each.kind !== "advice");
		const showReport = vscode.l10n.t("Show Report");
		const buttons = fix ? [inSettings(fix.label), showReport] : [showReport];
		const said = inSettings(verdict(report));
		if (worst === "ok") return flash(tell(`${said} ${counts(report.findings)}`));
		const chosen = await { failed: notify.error, warning: notify.warn }[worst](tell(said), ...buttons);
		if (chosen === showReport) this.#show(report, []);
		else if (chosen !== undefined && finding && fix) {
			this.#show(report, []);
			await this.applyFix(finding.id, finding.fixes.indexOf(fix));
		}
	}

	#show(report: Report, changed: readonly string[]): void {
		// If the report is already open, the focus stays where it is.
		const preserveFocus = this.#panel !== undefined;
		if (!this.#panel) {
			const enableCommandUris = ["mcpMem0.applyFix", "mcpMem0.copyReport", "mcpMem0.runDiagnostics"];
			const options = { enableCommandUris, localResourceRoots: [] };
			const column = vscode.ViewColumn.Active;
			const title = vscode.l10n.t("Mem0 Diagnostics");
			this.#panel = vscode.window.createWebviewPanel("mcpMem0.report", title, column, options);
			this.#panel.iconPath = new vscode.ThemeIcon("pulse");
			this.#panel.onDidDispose(() => {
				this.#panel = undefined;
			});
		}
		const nonce = randomBytes(16).toString("hex");
		this.#panel.webview.html = toHtml(report, { worded: inSettings, changes: changed, nonce });
		this.#panel.reveal(undefined, preserveFocus);
	}
}
