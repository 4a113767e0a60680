export * from './classic.js';
