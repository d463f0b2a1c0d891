import * as l10n from "@vscode/l10n";
import { inHtml } from "../../text/inert.ts";
import { language } from "../../text/wording.ts";
import { type Finding, type FindingStatus, type Fix, type Report, roleTitles, worstOf } from "../report.ts";
import { byRole, counts, seconds, serverLines, shortTitle, statusWord, verdict } from "./text.ts";

interface HtmlOptions {
	/** Words a message for its readers: variables become names of settings. */
	readonly worded: (text: string) => string;
	/** What has changed since the previous run. */
	readonly changes: readonly string[];
	/** The one style sheet's that is allowed. */
	readonly nonce: string;
}

/** Drawn, since not every font has these signs. */
const shapes: Readonly<Record<FindingStatus, string>> = {
	ok: '<path d="M3 8.5 6.5 12 13 4.5"/>',
	warning: '<path d="M8 2 14.5 13.5H1.5Z"/><path d="M8 6.5v3.2M8 11.4v.6"/>',
	failed: '<path d="m4 4 8 8m0-8-8 8"/>',
	skipped: '<path d="M4 8h8"/>',
};

function mark(status: FindingStatus): string {
	return `<svg class="mark" viewBox="0 0 16 16" aria-hidden="true">${shapes[status]}</svg>`;
}

/** The report as a page without scripts: its buttons are links to commands. */
export function toHtml(report: Report, { worded, changes, nonce }: HtmlOptions): string {
	const { findings } = report;
	const text = (given: string) => inHtml(worded(given));
	const worst = worstOf(findings);
	const [title, changed] = [l10n.t("Mem0 diagnostics"), l10n.t("What has changed")];
	return `<!DOCTYPE html>
<html lang="${language()}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${inHtml(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<h1>${inHtml(title)}</h1>
<p class="verdict ${worst}">${mark(worst)}${text(verdict(report))}</p>
${worstDetails(findings, text)}<p class="quiet">${inHtml(l10n.t`${counts(findings)} in ${seconds(report.duration)}`)}</p>
<p class="actions">${link("mcpMem0.runDiagnostics", [], inHtml(l10n.t("Run all diagnostics")), "button")} ${link("mcpMem0.copyReport", [], inHtml(l10n.t("Copy as Markdown")), "button secondary")}</p>
${changes.length > 0 ? `<section class="changes" aria-label="${inHtml(changed)}"><h2>${inHtml(changed)}</h2><ul>${changes.map((change) => `<li>${text(change)}</li>`).join("")}</ul></section>` : ""}
${[...byRole(findings)]
	.map(
		([role, own]) =>
			`<section><h2>${inHtml(roleTitles[role])}</h2><ul class="checks" lang="en">${items(own, text)}</ul></section>`,
	)
	.join("\n")}
<section><h2>${inHtml(l10n.t("Evidence"))}</h2>
${serverLines(report)
	.map((line) => `<p class="quiet">${inHtml(line)}</p>`)
	.join("")}
<ul class="evidence" lang="en">${findings.flatMap(({ evidence = [] }) => evidence.map((line) => `<li>${text(line)}</li>`)).join("")}</ul>
</section>
</main>
</body>
</html>`;
}

/** Below the verdict: its cause and its fixes. */
function worstDetails(findings: readonly Finding[], text: (given: string) => string): string {
	const worst = worstOf(findings);
	const finding = worst === "ok" ? undefined : findings.find(({ status }) => status === worst);
	return finding ? `<div class="what-to-do">${details(finding, text)}</div>` : "";
}

/** Checks that were skipped for the same reason share one line. */
function items(findings: readonly Finding[], text: (given: string) => string): string {
	const lines: string[] = [];
	for (let at = 0; at < findings.length; ) {
		const finding = findings[at] as Finding;
		let end = at + 1;
		if (finding.status === "skipped")
			while (findings[end]?.status === "skipped" && findings[end]?.seen === finding.seen) end += 1;
		const titles = findings.slice(at, end).map((each) => text(shortTitle(each)));
		lines.push(item(finding, titles.join("; "), text));
		at = end;
	}
	return lines.join("");
}

function item(finding: Finding, title: string, text: (given: string) => string): string {
	const { status, seen } = finding;
	return `<li class="${status}">${mark(status)}<div><span class="title">${title}</span> <span class="status">${inHtml(statusWord(status))}</span><div class="seen">${text(seen)}</div>${details(finding, text)}</div></li>`;
}

function details(finding: Finding, text: (given: string) => string): string {
	const { cause, fixes } = finding;
	const actions = fixes.map((fix, index) => action(finding, fix, index, text));
	return `${cause ? `<div class="cause">${text(cause)}</div>` : ""}${actions.length > 0 ? `<div class="fixes">${actions.join("")}</div>` : ""}`;
}

/** Advice is text; any other fix is a button. */
function action({ id }: Finding, fix: Fix, index: number, text: (given: string) => string): string {
	return fix.kind === "advice"
		? `<span class="advice">${text(fix.label)}</span>`
		: link("mcpMem0.applyFix", [id, index], text(fix.label), index === 0 ? "button" : "button secondary");
}

function link(command: string, args: readonly unknown[], label: string, kind: string): string {
	const query = args.length > 0 ? `?${encodeURIComponent(JSON.stringify(args))}` : "";
	// Without a title, VS Code shows the command.
	return `<a class="${kind}" href="command:${command}${query}" title="${label}">${label}</a>`;
}

const style = `
body { font: var(--vscode-font-size) / 1.5 var(--vscode-font-family); color: var(--vscode-foreground); background: var(--vscode-editor-background); padding: 0 24px 48px; }
main { max-width: 880px; margin: 0 auto; }
h1 { font-size: 1.6em; font-weight: 600; margin: 24px 0 12px; }
h2 { font-size: 1.1em; font-weight: 600; margin: 24px 0 6px; }
ul { list-style: none; margin: 0; padding: 0; }
p { margin: 4px 0; }
.quiet, .seen, .skipped .title { color: var(--vscode-descriptionForeground); }
.verdict { font-size: 1.15em; display: flex; gap: 10px; }
.what-to-do { margin: 0 0 12px 2.2em; }
.actions { margin: 14px 0; display: flex; gap: 8px; flex-wrap: wrap; }
.checks li { display: flex; gap: 10px; padding: 5px 0; border-top: 1px solid var(--vscode-panel-border, transparent); }
.checks li > div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.mark { flex: none; width: 1.2em; height: 1.2em; margin-top: 0.15em; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.ok .mark, .ok.verdict .mark { color: var(--vscode-testing-iconPassed); }
.warning .mark { color: var(--vscode-editorWarning-foreground); }
.failed .mark { color: var(--vscode-testing-iconFailed); }
.title { font-weight: 600; }
.ok .title, .skipped .title { font-weight: 400; }
.status { margin-left: 6px; font-size: 0.9em; color: var(--vscode-descriptionForeground); }
.failed .seen, .warning .seen { color: inherit; }
.fixes { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 6px 0 4px; }
.advice { border-left: 3px solid var(--vscode-textBlockQuote-border, currentColor); padding: 2px 8px; }
.button { display: inline-block; padding: 4px 11px; border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); border-radius: 2px; text-decoration: none; color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
.button:hover { background: var(--vscode-button-hoverBackground); color: var(--vscode-button-foreground); text-decoration: none; }
.button.secondary { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
.button.secondary:hover { background: var(--vscode-button-secondaryHoverBackground); color: var(--vscode-button-secondaryForeground); }
a:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.changes { border-left: 3px solid var(--vscode-focusBorder); padding: 2px 12px; margin: 16px 0; }
.changes h2 { margin: 4px 0; }
.evidence li { font: 0.92em / 1.5 var(--vscode-editor-font-family); overflow-wrap: anywhere; }
`;
