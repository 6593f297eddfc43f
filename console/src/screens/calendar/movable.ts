import type { Upload } from 'content-catalyst-sdk';

const MOVABLE = ['scheduled', 'preparing', 'uploading', 'processing', 'on_youtube', 'needs_attention'];

/** Whether its time can still be changed. */
export const isMovable = (upload: Upload | undefined): upload is Upload => upload !== undefined && MOVABLE.includes(upload.state) && !upload.cancelling;
