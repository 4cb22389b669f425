export { RevokeButton } from "./RevokeButton";
export { ShareButton, type ShareProps } from "./ShareButton";
