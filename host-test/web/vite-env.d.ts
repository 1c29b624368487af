/// <reference types="vite/client" />

/** Of session.css as it is in the repository, in base64: vite.config.ts. */
declare const SESSION_CSS_SHA256: string;
