// Types only: after `import "@tokentra/sdk/bedrock"` the inputs of the official client's commands know the property `tokentra`.
import type {} from "@aws-sdk/client-bedrock-runtime";
import type { CallMetadata } from "./metadata.ts";

type Tagged = CallMetadata & { requestId?: string };

declare module "@aws-sdk/client-bedrock-runtime" {
  interface ConverseRequest {
    /** What this call is for; never sent to the vendor. */
    tokentra?: Tagged;
  }
  interface ConverseStreamRequest {
    /** What this call is for; never sent to the vendor. */
    tokentra?: Tagged;
  }
  interface InvokeModelRequest {
    /** What this call is for; never sent to the vendor. */
    tokentra?: Tagged;
  }
  interface InvokeModelWithResponseStreamRequest {
    /** What this call is for; never sent to the vendor. */
    tokentra?: Tagged;
  }
}
