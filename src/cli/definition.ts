// What a command declares about its command line. The strict gate, the help, the man page and the completions
// are all made from these definitions, so they can't disagree.

/** What a shell offers where a value is typed: files, folders, revisions, files that have revisions, or these words. */
export type Completion = "file" | "folder" | "revision" | "source" | readonly string[];

interface Described {
  /** One sentence without a full stop, shown by the help. */
  readonly description: string;
}

interface Spelled extends Described {
  /** Further spellings: one letter makes `-x`, more make `--name`. At most one letter for an option. */
  readonly alias?: readonly string[];
}

/** `--name`; with a default of true, `--no-name` as well, which is what the help then shows. */
export interface FlagDefinition extends Spelled {
  readonly type: "boolean";
  readonly default: boolean;
}

/** `--name=VALUE`. */
export interface TextDefinition extends Spelled {
  readonly type: "string";
  /** How the help names the value: `FILE`, `N`. */
  readonly valueHint: string;
  readonly completes?: Completion;
  readonly default?: string;
  readonly required?: boolean;
}

/** `--name=ONE`, of the words in `options`. */
export interface ChoiceDefinition extends Spelled {
  readonly type: "enum";
  readonly options: readonly string[];
  readonly default?: string;
  readonly required?: boolean;
}

/** An argument that goes by its place. */
export interface PositionalDefinition extends Described {
  readonly type: "positional";
  readonly completes?: Completion;
  readonly required: boolean;
  readonly default?: string;
  /** The last positional may take all that follow; its value is then an array. */
  readonly variadic?: true;
}

export type OptionDefinition = FlagDefinition | TextDefinition | ChoiceDefinition;
export type ArgumentDefinition = OptionDefinition | PositionalDefinition;

/** A command's arguments by their canonical names, in the order in which the help shows them. */
export type Arguments = Readonly<Record<string, ArgumentDefinition>>;

type IsCertain<D> = D extends { readonly required: true } | { readonly default: string } ? true : false;
type Certain<D, T> = IsCertain<D> extends true ? T : T | undefined;

type ValueOf<D extends ArgumentDefinition> = D extends FlagDefinition
  ? boolean
  : D extends { readonly variadic: true }
    ? readonly string[]
    : D extends ChoiceDefinition
      ? Certain<D, D["options"][number]>
      : Certain<D, string>;

/** What `run` receives: a required or defaulted argument is a string, any other may be undefined. */
export type Values<A extends Arguments> = { readonly [Name in keyof A]: ValueOf<A[Name]> };
