/**
 * A contactor: every switching burns material off its contacts (∝ ΣI²). Less material, less spring force: it closes
 * later; when little is left it bounces; the bounces weld it.
 *
 * @param used part of the contact material that is gone
 * @returns ms that closing takes longer
 */
export const closesLaterMs = (used: number): number => 8 * used + 30 * Math.max(0, used - 0.35) ** 1.5;
