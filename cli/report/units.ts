/** Numbers with their units, times and dates, as a report shows them. */

/** A duration: tenths of a second while they matter, then minutes, then hours. */
export function duration(seconds: number): string {
    if (seconds === 0) return "0 s";
    if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
    const whole = Math.round(seconds);
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
    if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
    return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** Keeps numbers and their units on one line; for text that is shown, not for what is copied. */
export function unbroken(text: string): string {
    return text.replace(/(\d) (?=s\b|min\b|h\b)/g, "$1\u00a0");
}

/** A count with its thousands set apart. */
export function count(value: number): string {
    return value.toLocaleString("en-US");
}

/** A count and what is counted: `1 write`, `2,040 writes`. */
export function counted(value: number, one: string, many = `${one}s`): string {
    return `${count(value)} ${value === 1 ? one : many}`;
}

/** Time of day in UTC, to the second. */
export function clock(at: string): string {
    return new Date(at).toISOString().slice(11, 19);
}

/** Date and time in UTC, as `24 Nov 2026, 06:41:07 UTC`. */
export function moment(at: string): string {
    return `${day(at)}, ${clock(at)} UTC`;
}

/** Date in UTC, as `24 Nov 2026`. */
export function day(at: string): string {
    return new Date(at).toLocaleDateString("en-GB", {
        day: "numeric",
        month: "short",
        year: "numeric",
        timeZone: "UTC",
    });
}

/** Seconds from one time to another. */
export function secondsFrom(from: string, to: string): number {
    return (Date.parse(to) - Date.parse(from)) / 1000;
}
