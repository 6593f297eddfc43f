import type { Upload } from 'content-catalyst-sdk';

const MOVABLE = ['scheduled', 'preparing', 'uploading', 'processing', 'on_youtube', 'needs_attention'];

/** Whether its time can still be changed. */
export const isMovable = (upload: Upload | undefined): upload is Upload => upload !== undefined && MOVABLE.includes(upload.state) && !upload.cancelling;

/** Whether its words can still be changed: only while nothing was sent. */
export const isEditable = (upload: Upload): boolean => isMovable(upload) && upload.bytes_sent === 0 && !upload.youtube_video_id;
