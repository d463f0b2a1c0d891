import { Random } from "./random.ts";

const subjects = ["Ada", "Bruno", "Chen", "The user", "Our team", "The backend group", "Marta", "The client"];
const habits = [
	"prefers {tool} for {task}",
	"switched from {tool} to {tool2} because of {task}",
	"wants {task} done {when}",
	"never uses {tool} for {task}",
	"keeps notes about {task} in {tool}",
	"reviews {task} {when}",
];
const tools =
	`PostgreSQL TypeScript Docker Vim Slack Terraform Redis Python Kafka Grafana Jira Rust nginx Figma Excel
	Jenkins`.split(/\s+/);
const tasks = [
	"database migrations",
	"code review",
	"the weekly report",
	"load tests",
	"on-call handover",
	"customer invoices",
	"release notes",
	"log analysis",
	"password rotation",
	"the staging server",
	"travel bookings",
	"hiring interviews",
];
const times = [
	"on Fridays",
	"before lunch",
	"at the end of the month",
	"every Monday morning",
	"after a release",
];

/** Short facts in plain English, all different and the same in every run: texts as the built-in model gets them. */
export function shortFacts(count: number): readonly string[] {
	const random = new Random(7);
	const facts = new Set<string>();
	while (facts.size < count) {
		const habit = random
			.pick(habits)
			.replace("{tool}", random.pick(tools))
			.replace("{tool2}", random.pick(tools))
			.replace("{task}", random.pick(tasks))
			.replace("{when}", random.pick(times));
		facts.add(`${random.pick(subjects)} ${habit}, since ${random.between(2012, 2026)}.`);
	}
	return [...facts];
}
