import { GENERATOR } from '../version.js';

/** To be raised whenever the same input is drawn or counted in another way. */
const LAYOUT = 7;

/** What made a report: who has another one cannot make its pages again byte by byte. */
export const REPORT_GENERATOR = `${GENERATOR}, layout ${LAYOUT}`;
