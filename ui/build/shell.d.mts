import type { Plugin } from 'vite'

export interface Sizes { files: number; plain: number; gzip: number; brotli: number }
export function token(name: string): [day: string, night: string]
export function manifest(): Record<string, unknown>
export function writeShell(dist: string, version: string): { build: string; sizes: Sizes }
export function shell(version: string): Plugin
