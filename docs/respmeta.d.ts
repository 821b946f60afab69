// Written by docs/generate.py from respmeta.schema.json and flat-keys.json; change the code they describe, then run it.

/** One source that the answer names. */
export interface Citation {
  /** url, file, file_path, document, search_result, place, … */
  type: string;
  /** The cited piece of the answer or its marker. Content: only with `include_content=True`. */
  text?: string | null;
  /** First character of the span in the answer's text (counted over all its text blocks joined). */
  start_index?: number | null;
  /** One past the last character of the span in the answer's text. */
  end_index?: number | null;
  /** Address of the source. */
  url?: string | null;
  /** Title of the source. */
  title?: string | null;
  /** Name of the cited file. */
  filename?: string | null;
  /** The provider's id of the cited file. */
  file_id?: string | null;
  /** The words of the source. Content: only with `include_content=True`. */
  quote?: string | null;
  /** Index of the cited document in the request, from 0. */
  document_index?: number | null;
  /** The provider's own word for the kind of citation, e.g. `url_citation`, `char_location`, `grounding`. */
  source?: string | null;
}

/** What the call cost, in `currency`. */
export interface Cost {
  /** All of it. */
  total?: string | null;
  /** Part of `total`: the prompt, cache reads and writes included. */
  input?: string | null;
  /** Part of `total`: the answer, reasoning included. */
  output?: string | null;
  /** Fees of the provider's own tools (web and file searches), which are neither `input` nor `output`. */
  tools?: string | null;
  /** Part of `input`. */
  cache_read?: string | null;
  /** Part of `input`. */
  cache_write?: string | null;
  /** Part of `input`. */
  input_audio?: string | null;
  /** Part of `output`. */
  reasoning?: string | null;
  /** Part of `output`. */
  output_audio?: string | null;
  /** What the cache saved (below 0: what writing it added): the router's number (OpenRouter), else from list prices. */
  cache_discount?: string | null;
  /** What the vendor behind a router charged. */
  upstream_inference?: string | null;
  /** ISO 4217 code. */
  currency: string;
  /** `provider`: the provider's own number. `computed`: from `price_version`. */
  source?: "provider" | "computed" | null;
  /** Which price data was used: package and version. */
  price_version?: string | null;
  /** Why there is no `total`. */
  unpriced_reason?: string | null;
}

/** Why a call failed. */
export interface ErrorInfo {
  /** Name of the exception's class, or the provider's error type where the answer itself carried the error. */
  type: string;
  /** HTTP status; None if the error came within a stream, whose status was 200. */
  status_code?: number | null;
  /** The provider's machine-readable code. */
  code?: string | null;
  /** The provider's words. Content: only with `include_content=True`. */
  message?: string | null;
  /** Seconds to wait before the next request, from the provider's headers or the error. */
  retry_after_s?: number | null;
  /** Whether the same call may succeed later, by the provider's code, else the exception's class, else the status; None if that is not known. Never True for spent money, ended contracts and wrong keys, with any status. */
  retryable?: boolean | null;
}

/** The transport's own facts. */
export interface Http {
  /** HTTP status of the answer. */
  status_code?: number | null;
  /** Retries of the vendor's SDK before this answer. */
  retry_attempts?: number | null;
  /** From a fixed list of names; never authorization, cookies or organization. */
  headers?: { [name: string]: string };
}

/** Natural-log probabilities of the answer's tokens, summed up. */
export interface Logprobs {
  /** Mean over the tokens, at most 0. */
  mean: number;
  /** That of the least likely token. */
  min: number;
  /** How many tokens have one. */
  tokens: number;
  /** exp(-mean); None where that is too large for a number. */
  perplexity?: number | null;
}

/** One image, sound, video or file in the answer: described, never copied. */
export interface Media {
  /** `image`, `audio`, `video` or `file`. */
  kind: "audio" | "image" | "video" | "file";
  /** Its type, such as `image/png`. */
  mime_type?: string | null;
  /** Its size in bytes, where it came with the answer. */
  size_bytes?: number | null;
  /** The provider's id of it. */
  id?: string | null;
  /** Its address, where the provider gave one. */
  url?: string | null;
  /** Whether the model or a tool made it. */
  origin: "model" | "tool";
}

/** The limits after this call, from the provider's headers. */
export interface RateLimits {
  /** Requests allowed in the provider's window. */
  requests_limit?: number | null;
  /** Requests left of them. */
  requests_remaining?: number | null;
  /** Seconds until the limit is reset. */
  requests_reset_s?: number | null;
  /** Tokens allowed in the provider's window. */
  tokens_limit?: number | null;
  /** Tokens left of them. */
  tokens_remaining?: number | null;
  /** Seconds until the limit is reset. */
  tokens_reset_s?: number | null;
  /** Input tokens allowed in the provider's window. */
  input_tokens_limit?: number | null;
  /** Input tokens left of them. */
  input_tokens_remaining?: number | null;
  /** Seconds until the limit is reset. */
  input_tokens_reset_s?: number | null;
  /** Output tokens allowed in the provider's window. */
  output_tokens_limit?: number | null;
  /** Output tokens left of them. */
  output_tokens_remaining?: number | null;
  /** Seconds until the limit is reset. */
  output_tokens_reset_s?: number | null;
  /** Seconds to wait before the next request, by the provider. */
  retry_after_s?: number | null;
}

/** Whether the answer came with reasoning. */
export interface Reasoning {
  /** Whether there was any, readable or not. */
  present: boolean;
  /** Whether the provider withheld or encrypted it. */
  redacted: boolean;
  /** Content: only with `include_content=True`. */
  text?: string | null;
}

/** That, and why, the answer was declined or withheld. */
export interface Refusal {
  /** The words given for it. Content: only with `include_content=True`. */
  reason?: string | null;
  /** The provider's category, e.g. `cyber`, `PROHIBITED_CONTENT`, `violence`. */
  category?: string | null;
  /** Where it was found: in the message, the stop reason, by an output filter, a filter of the prompt, or a guardrail. */
  source: "message" | "stop_reason" | "content_filter" | "prompt_block" | "guardrail";
}

/** Who really served the call behind a router or a cloud. */
export interface Routing {
  /** The vendor that ran the model, in the router's own word. */
  upstream_provider?: string | null;
  /** The vendor's id of the answer. */
  upstream_id?: string | null;
  /** Whether the caller's own key at the vendor paid for it. */
  is_byok?: boolean | null;
  /** Address of the application that asked, as the router knows it. */
  origin?: string | null;
  /** The router's number for that application (OpenRouter). */
  app_id?: number | null;
  /** The user's id that the caller gave to the router. */
  external_user?: string | null;
  /** How many vendors or keys the router tried. */
  attempts?: number | null;
}

/** One judgement of a safety system over the prompt or the completion. */
export interface SafetyRating {
  /** The harm, in the provider's own word (`HARM_CATEGORY_HARASSMENT`, `violence`, …). */
  category: string;
  /** How likely the harm is, in the provider's own word (Google: `NEGLIGIBLE` to `HIGH`). */
  probability?: string | null;
  /** How grave it is, in the provider's own word (`safe`, `low`, `medium`, `high`, …). */
  severity?: string | null;
  /** The provider's own score (Google 0..1; others as documented by them). */
  score?: number | null;
  /** Whether this judgement withheld the text. */
  blocked?: boolean | null;
  /** Whether the prompt or the completion was judged. */
  scope: "prompt" | "completion";
  /** google, azure_content_filter, bedrock_guardrail, mistral, … */
  source: string;
}

/** The outcome of a request for structured output. */
export interface StructuredOutput {
  /** Whether the call asked for structured output. */
  requested: boolean;
  /** Whether the answer became an object of the requested type; None if not reported. */
  parsed?: boolean | null;
  /** Name of the requested type or schema. */
  type_name?: string | null;
  /** Where it came from: `parsed` by the integration, or `raw_json` in the answer's text. */
  source?: "parsed" | "raw_json" | null;
  /** Why it could not be parsed. Content: only with `include_content=True`. */
  error?: string | null;
}

/** Seconds, also where the provider uses another unit. */
export interface Timing {
  /** Wall clock from the start to the end of the run, seen by the handler. */
  latency_s?: number | null;
  /** From the start of the run to the first chunk of a stream, with any content. */
  time_to_first_chunk_s?: number | null;
  /** To the first chunk that holds text, reasoning or a tool call. */
  time_to_first_token_s?: number | null;
  /** How long the answer was being generated, in the router's number (OpenRouter). */
  generation_s?: number | null;
  /** Waiting at the provider before it started. */
  queue_s?: number | null;
  /** Reading the prompt, in the provider's number. */
  prompt_s?: number | null;
  /** Producing the answer, in the provider's number. */
  completion_s?: number | null;
  /** The provider's own total. */
  provider_total_s?: number | null;
  /** The router's moderation (OpenRouter). */
  moderation_s?: number | null;
  /** Loading the model (Ollama). */
  load_s?: number | null;
  /** Output tokens a second of generation: the provider's number, else output over the time that producing it took. */
  tokens_per_second?: number | null;
}

/** One tool the model asked for, or that the provider ran itself. */
export interface ToolCall {
  /** The call's id, to which the tool's result refers. */
  id?: string | null;
  /** The tool's name. */
  name?: string | null;
  /** False when the arguments could not be parsed, or the answer was cut before they ended. */
  valid: boolean;
  /** True for tools that the provider runs (web search, code execution, …). */
  server_side: boolean;
  /** Size of the arguments as UTF-8 JSON. */
  args_size_bytes?: number | null;
}

/** The execution of one tool call. */
export interface ToolExecution {
  /** Id of the call that the tool ran for. */
  tool_call_id?: string | null;
  /** The tool's name. */
  tool_name?: string | null;
  /** Content: only with `include_content=True`. */
  tool_args?: { [name: string]: unknown } | null;
  /** Content: only with `include_content=True`. */
  result?: string | null;
  /** Whether the tool failed: it raised, or its message has an error status. */
  tool_call_error?: boolean | null;
  /** True if it was stopped or abandoned before it finished: no result, and no error of the tool. */
  cancelled?: boolean | null;
  /** Run id of the graph, agent or chain that the tool started. */
  child_run_id?: string | null;
  /** Seconds from the tool's start to its end, seen by the handler. */
  duration_s?: number | null;
  /** Whether a person had to approve the call before it ran. */
  requires_confirmation?: boolean | null;
  /** That person's decision; None while it waits or if no person was asked. */
  confirmed?: boolean | null;
  /** Whether a person had to add something before it ran. */
  requires_user_input?: boolean | null;
  /** The call was returned to the caller unexecuted. */
  external_execution_required?: boolean | null;
  /** Whether a person changed the arguments before it ran. */
  args_edited?: boolean | null;
  /** If the tool ran more than once for this call: 1, 2, … */
  attempt?: number | null;
}

/** Counts of tokens (and of a few other billed things). A detail is always a part of its whole. */
export interface Usage {
  /** All tokens of the prompt, cache reads and writes included. */
  input_tokens?: number | null;
  /** All tokens of the answer, reasoning included. */
  output_tokens?: number | null;
  /** The provider's own sum. */
  total_tokens?: number | null;
  /** Part of `input_tokens`. */
  cache_read_tokens?: number | null;
  /** Part of `input_tokens`; all lifetimes together. */
  cache_write_tokens?: number | null;
  /** Part of `cache_write_tokens`. */
  cache_write_5m_tokens?: number | null;
  /** Part of `cache_write_tokens`. */
  cache_write_1h_tokens?: number | null;
  /** Part of `output_tokens`. */
  reasoning_tokens?: number | null;
  /** Part of `input_tokens`. */
  input_audio_tokens?: number | null;
  /** Part of `output_tokens`. */
  output_audio_tokens?: number | null;
  /** Part of `input_tokens`. */
  input_image_tokens?: number | null;
  /** Part of `output_tokens`. */
  output_image_tokens?: number | null;
  /** Part of `input_tokens`. */
  input_video_tokens?: number | null;
  /** Part of `output_tokens`: predicted output that was used. */
  accepted_prediction_tokens?: number | null;
  /** Part of `output_tokens`: predicted output that was billed but not used. */
  rejected_prediction_tokens?: number | null;
  /** Part of `input_tokens`: results of the provider's own tools (Gemini). */
  tool_use_prompt_tokens?: number | null;
  /** Searches that the provider's own tool ran; most providers bill each. */
  web_search_requests?: number | null;
  /** Search results that the router fed to the model (OpenRouter). */
  num_search_results?: number | null;
  /** Media in the prompt, as the router counted them (OpenRouter). */
  num_media_prompt?: number | null;
  /** Media in the answer, as the router counted them (OpenRouter). */
  num_media_completion?: number | null;
  /** As counted by the vendor's own tokenizer behind a router; so the next four. */
  native_input_tokens?: number | null;
  /** The vendor's own count of the answer's tokens. */
  native_output_tokens?: number | null;
  /** The vendor's own count of reasoning tokens. */
  native_reasoning_tokens?: number | null;
  /** The vendor's own count of tokens read from its cache. */
  native_cached_tokens?: number | null;
  /** The vendor's own count of tokens of images in the answer. */
  native_output_image_tokens?: number | null;
}

/** What a provider said about one answer. */
export interface ResponseMetadata {
  /** Version of this shape, `major.minor`. */
  schema_version: string;
  /** Id of the model's run in LangChain and LangSmith. */
  run_id?: string | null;
  /** Id of the root run above it. */
  trace_id?: string | null;
  /** Id of the run directly above it. */
  parent_run_id?: string | null;
  /** The run's name; without one of the caller's, the model's class. */
  run_name?: string | null;
  /** The conversation: `thread_id` of the run's metadata, else its `session_id` or `conversation_id`. */
  thread_id?: string | null;
  /** The agent that called: `create_agent(name=…)`, else `agent_name` of the run's metadata. */
  agent_name?: string | null;
  /** LangGraph's node that called. */
  graph_node?: string | null;
  /** LangGraph's step in which it did. */
  graph_step?: number | null;
  /** The run's own tags; only where `by` names `"tags"`. */
  tags?: string[];
  /** Of the run's own metadata, the keys that `by` names. */
  metadata?: { [name: string]: string | number | number | boolean };
  /** The provider's id of the answer (`chatcmpl-…`, `resp_…`, `msg_…`, `gen-…`). */
  response_id?: string | null;
  /** The provider's id of the request (`x-request-id`, AWS `RequestId`). */
  request_id?: string | null;
  /** Who was called, in OpenTelemetry GenAI's words. */
  provider: string;
  /** The LangChain class, e.g. `ChatOpenAI`. */
  integration?: string | null;
  /** chat_completions, responses, messages, converse, invoke_model, generate_content, … */
  api?: string | null;
  /** As the provider answered it; see `model_source`. */
  model?: string | null;
  /** `request` where the integration hands over the name that was asked for in place of the one that served. */
  model_source?: "response" | "request" | null;
  /** The model that the call asked for. */
  requested_model?: string | null;
  /** The provider's own time (UTC); never invented. */
  created_at?: string | null;
  /** When the handler saw the end (UTC). */
  received_at?: string | null;
  /** The tier that served, in the provider's word (`default`, `flex`, `priority`, …). */
  service_tier?: string | null;
  /** Deprecated by OpenAI; kept as long as providers send it. */
  system_fingerprint?: string | null;
  /** Whether the answer came in chunks. */
  streamed?: boolean | null;
  /** True where the caller stopped listening before the answer's end: before its finish word. */
  cancelled?: boolean | null;
  /** Answered from LangChain's own cache: nothing was billed, the cost is 0. */
  langchain_cache_hit?: boolean | null;
  /** 1 for the first try of a call, 2 for its first retry or fallback, … */
  attempt?: number | null;
  /** True when a later attempt took this one's place. */
  superseded?: boolean | null;
  /** Run id of the attempt before this one. */
  previous_run_id?: string | null;
  /** Who speaks, in the provider's word; as a rule `assistant`. */
  role?: string | null;
  /** Who really served it behind a router or a cloud. */
  routing?: Routing | null;
  /** Why the answer ended, in one of the words of `FinishReason`: the provider's, if one came, also where the call then failed (see `error`) or was given up. A refusal in an OpenAI message ends with its `stop`; see `refused`. */
  finish_reason: "stop" | "tool_calls" | "stop_sequence" | "pause" | "length" | "content_filter" | "refusal" | "cancelled" | "error" | "unknown" | null;
  /** The provider's own word, untouched. */
  native_finish_reason?: string | null;
  /** The stop sequence that matched. */
  stop_sequence?: string | null;
  /** A token limit cut the answer. None: no reader recognized the answer. */
  truncated: boolean | null;
  /** The answer was declined or withheld; see `refusal`. None: no reader recognized the answer. */
  refused: boolean | null;
  /** That, and why, the answer was declined or withheld. */
  refusal?: Refusal | null;
  /** Judgements of safety systems. */
  safety?: SafetyRating[];
  /** Why the call failed; the answer may have come whole all the same. */
  error?: ErrorInfo | null;
  /** Tools that the model asked for or the provider ran. */
  tool_calls?: ToolCall[];
  /** The executions of those calls. */
  tool_executions?: ToolExecution[];
  /** Sources that the answer names. */
  citations?: Citation[];
  /** The outcome of a request for structured output. */
  structured_output?: StructuredOutput | null;
  /** Whether the answer came with reasoning. */
  reasoning?: Reasoning | null;
  /** Images, sounds, videos and files in the answer. */
  media?: Media[];
  /** Probabilities of the tokens, summed up. */
  logprobs?: Logprobs | null;
  /** How many generations the call returned; each has a record, only the first has usage and cost. */
  candidates?: number | null;
  /** Which of them this is, from 0. */
  candidate_index?: number | null;
  /** Tokens and other billed things. */
  usage?: Usage | null;
  /** What the call cost. */
  cost?: Cost | null;
  /** How long things took. */
  timing?: Timing | null;
  /** The limits in the provider's headers. */
  rate_limits?: RateLimits | null;
  /** The transport's own facts. */
  http?: Http | null;
  /** Keys of an agent's state that changed, by who changed them. Values are content: only with `include_content=True`. */
  updated_session_state?: { [name: string]: unknown } | null;
  /** What a middleware removed from the messages: counts of messages and tokens before and after. */
  compression_stats?: { [name: string]: unknown } | null;
  /** What the record is about; see `Event`. */
  event: "assistant_response" | "tool_call_started" | "tool_call_completed" | "tool_call_error" | "tool_call_cancelled" | "tool_call_paused" | "error";
  /** Everything the provider sent that has no field above, untouched but for being JSON-safe. */
  provider_data?: { [name: string]: unknown };
  /** The record's own checks that failed; the numbers stay as reported. */
  warnings?: string[];
  /** Paths in `provider_data` (and words) that are in no table. */
  unmapped?: string[];
  /** What this copy lacks because it had to fit its place (a run's metadata): list → how many items were cut. */
  trimmed?: { [name: string]: unknown };
}

/** Flat keys of a model's run, without their prefix. */
export interface ModelRunKeys {
  /** Who was called, in OpenTelemetry GenAI's words. */
  provider?: string;
  /** The LangChain class, e.g. `ChatOpenAI`. */
  integration?: string;
  /** chat_completions, responses, messages, converse, invoke_model, generate_content, … */
  api?: string;
  /** As the provider answered it; see `model_source`. */
  model?: string;
  /** The model that the call asked for. */
  requested_model?: string;
  /** The provider's id of the answer (`chatcmpl-…`, `resp_…`, `msg_…`, `gen-…`). */
  response_id?: string;
  /** The tier that served, in the provider's word (`default`, `flex`, `priority`, …). */
  service_tier?: string;
  /** Why the answer ended, in one of the words of `FinishReason`: the provider's, if one came, also where the call then failed (see `error`) or was given up. A refusal in an OpenAI message ends with its `stop`; see `refused`. */
  finish_reason?: "stop" | "tool_calls" | "stop_sequence" | "pause" | "length" | "content_filter" | "refusal" | "cancelled" | "error" | "unknown";
  /** The provider's own word, untouched. */
  native_finish_reason?: string;
  /** The answer was declined or withheld; see `refusal`. None: no reader recognized the answer. */
  refused?: boolean;
  /** A token limit cut the answer. None: no reader recognized the answer. */
  truncated?: boolean;
  /** Whether the answer came in chunks. */
  streamed?: boolean;
  /** True where the caller stopped listening before the answer's end: before its finish word. */
  cancelled?: boolean;
  /** Answered from LangChain's own cache: nothing was billed, the cost is 0. */
  cache_hit?: boolean;
  /** All tokens of the prompt, cache reads and writes included. In tokens. */
  input_tokens?: number;
  /** All tokens of the answer, reasoning included. In tokens. */
  output_tokens?: number;
  /** The provider's own sum. In tokens. */
  total_tokens?: number;
  /** Part of `input_tokens`. In tokens. */
  cache_read_tokens?: number;
  /** Part of `input_tokens`; all lifetimes together. In tokens. */
  cache_write_tokens?: number;
  /** Part of `output_tokens`. In tokens. */
  reasoning_tokens?: number;
  /** All of it. In US dollars. */
  cost_usd?: number;
  /** What the cache saved (below 0: what writing it added): the router's number (OpenRouter), else from list prices. In US dollars. */
  cache_discount_usd?: number;
  /** `provider`: the provider's own number. `computed`: from `price_version`. */
  cost_source?: "provider" | "computed";
  /** Why there is no `total`. */
  unpriced_reason?: string;
  /** Wall clock from the start to the end of the run, seen by the handler. In seconds. */
  latency_s?: number;
  /** To the first chunk that holds text, reasoning or a tool call. In seconds. */
  time_to_first_token_s?: number;
  /** Output tokens a second of generation: the provider's number, else output over the time that producing it took. */
  tokens_per_second?: number;
  /** Waiting at the provider before it started. In seconds. */
  queue_s?: number;
  /** The vendor that ran the model, in the router's own word. */
  upstream_provider?: string;
  /** Name of the exception's class, or the provider's error type where the answer itself carried the error. */
  error_type?: string;
  /** HTTP status; None if the error came within a stream, whose status was 200. */
  error_status?: number;
  /** 1 for the first try of a call, 2 for its first retry or fallback, … */
  attempt?: number;
  /** True when a later attempt took this one's place. */
  superseded?: boolean;
  /** Version of the record's shape, `major.minor`. */
  schema_version?: string;
  /** How many `tool_calls` the record has. */
  tool_calls?: number;
  /** How many `citations` the record has. */
  citations?: number;
  /** How many `warnings` the record has. */
  warnings?: number;
  /** How many `unmapped` the record has. */
  unmapped?: number;
  /** Cached tokens among the input tokens, 0 to 1. */
  cache_read_share?: number;
  /** Tool calls whose arguments are no JSON object. */
  invalid_tool_calls?: number;
  /** Whether a safety system blocked something. */
  safety_blocked?: boolean;
}

/** Flat keys of a trace's root, without their prefix. */
export interface RootRunKeys {
  /** Model calls of the trace. */
  llm_calls?: number;
  /** Their input tokens. In tokens. */
  input_tokens?: number;
  /** Their output tokens. In tokens. */
  output_tokens?: number;
  /** Their tokens. In tokens. */
  total_tokens?: number;
  /** Their input tokens that came out of a cache. In tokens. */
  cache_read_tokens?: number;
  /** Their reasoning tokens. In tokens. */
  reasoning_tokens?: number;
  /** What they cost, as far as prices are known. In US dollars. */
  cost_usd?: number;
  /** What the providers' caches saved; below 0 where writing to them cost more. In US dollars. */
  cache_discount_usd?: number;
  /** Calls that may be on a bill and have no price. */
  unpriced_calls?: number;
  /** The models, with commas between them. */
  models?: string;
  /** The providers, with commas between them. */
  providers?: string;
  /** Whether a call that counts was refused. */
  refused?: boolean;
  /** Whether a call that counts was cut by a token limit. */
  truncated?: boolean;
  /** Calls that were refused. */
  refused_calls?: number;
  /** Calls that were cut by a token limit. */
  truncated_calls?: number;
  /** Calls that failed. */
  error_calls?: number;
  /** The worst of the calls' finish reasons. */
  finish_reason?: string;
  /** Tools that the models asked for. */
  tool_calls?: number;
  /** Tools that failed. */
  tool_errors?: number;
  /** Tools that were cancelled. */
  cancelled_tools?: number;
  /** Tool calls that wait for a person. */
  waiting_calls?: number;
  /** Tool calls that a person turned down. */
  rejected_calls?: number;
  /** Tool calls that somebody outside was to run. */
  external_calls?: number;
  /** Calls that another attempt took the place of. */
  superseded_calls?: number;
  /** What these cost; part of `cost_usd`. In US dollars. */
  superseded_cost_usd?: number;
  /** Items that `rollup.tool_executions` is short of. */
  tool_executions_trimmed?: number;
  /** Items that `rollup.attempts` is short of. */
  attempts_trimmed?: number;
}

/** Flat keys of a tool's or a parser's run, without their prefix. */
export interface ToolRunKeys {
  /** Version of the record's shape, `major.minor`. */
  schema_version?: string;
  /** What became of it: `tool_call_completed`, `tool_call_error`, … */
  event?: string;
  /** The tool's name. */
  tool_name?: string;
  /** The model's id of the call. */
  tool_call_id?: string;
  /** Whether it failed. */
  tool_error?: boolean;
  /** Whether it was cancelled. */
  cancelled?: boolean;
  /** How long it took. In seconds. */
  duration_s?: number;
  /** Id of the run that a tool started, as its result tells. */
  child_run_id?: string;
  /** 1 for the first try, 2 for the first retry, … */
  attempt?: number;
  /** Whether a person had to agree. */
  requires_confirmation?: boolean;
  /** Whether they did. */
  confirmed?: boolean;
  /** Whether they changed the arguments. */
  args_edited?: boolean;
  /** Whether it waited for a person's input. */
  requires_user_input?: boolean;
  /** The exception's class, or the provider's word. */
  error_type?: string;
  /** Of a parser: whether the answer had the asked shape. */
  parsed?: boolean;
  /** Of a parser: the shape's name. */
  parsed_type?: string;
  /** Of a parser: the exception's class. */
  parse_error?: string;
}

/** The record as a run carries it: without what was not reported, and with `trimmed` where it was too long. */
export type RunRecord = Partial<ResponseMetadata> & Pick<ResponseMetadata, "schema_version">;

/** What a root run carries under the prefix: the sums once more, with a part for each model and lists of what was done. */
export interface Rollup {
  schema_version: string;
  rollup: RootRunKeys & { by_model: { [model: string]: RootRunKeys }; [list: string]: unknown };
}

type Prefixed<Keys, Prefix extends string> = { [Key in keyof Keys as `${Prefix}_${Key & string}`]: Keys[Key] };

/** Metadata of a model's run. The second argument is `RespMetaHandler(prefix=…)`, where it was set. */
export type ModelRunMetadata<Prefix extends string = "respmeta"> = Prefixed<ModelRunKeys, Prefix> & {
  [Key in Prefix]?: RunRecord;
};

/** Metadata of a trace's root. */
export type RootRunMetadata<Prefix extends string = "respmeta"> = Prefixed<RootRunKeys, Prefix> & {
  [Key in Prefix]?: Rollup;
};

/** Metadata of a tool's or a parser's run. */
export type ToolRunMetadata<Prefix extends string = "respmeta"> = Prefixed<ToolRunKeys, Prefix> & {
  [Key in Prefix]?: RunRecord;
};
