// The Homebrew formula. A tap needs only to copy it.

interface Download {
  readonly url: string;
  readonly sha256: string;
}

/** The targets that Homebrew installs. */
export const brewed: readonly string[] = ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64"];

export interface Formula {
  readonly version: string;
  readonly homepage: string;
  /** By the names of their targets. */
  readonly downloads: ReadonlyMap<string, Download>;
}

/** tinybackup.rb. Throws if a download is missing. */
export function renderFormula({ version, homepage, downloads }: Formula): string {
  const source = (target: string): string => {
    const download = downloads.get(target);
    if (download === undefined) throw new Error(`the formula needs ${target}`);
    return `url "${download.url}"\n      sha256 "${download.sha256}"`;
  };
  return `class Tinybackup < Formula
  desc "Back up one file into one folder, on a schedule, through at(1)"
  homepage "${homepage}"
  version "${version}"
  license "MIT"

  on_macos do
    on_arm do
      ${source("darwin-arm64")}
    end
    on_intel do
      ${source("darwin-x64")}
    end
  end

  on_linux do
    on_arm do
      ${source("linux-arm64")}
    end
    on_intel do
      ${source("linux-x64")}
    end
  end

  def install
    bin.install "tinybackup"
    man1.install "tinybackup.1"
    bash_completion.install "completions/tinybackup.bash" => "tinybackup"
    zsh_completion.install "completions/_tinybackup"
    fish_completion.install "completions/tinybackup.fish"
  end

  def caveats
    on_macos do
      <<~EOS
        macOS runs no at(1) jobs until its daemon is enabled, once:
          sudo launchctl load -w /System/Library/LaunchDaemons/com.apple.atrun.plist
        Scheduled backups of files in Documents, Desktop, Downloads, or on other drives need
        Full Disk Access for /usr/libexec/atrun: System Settings, Privacy & Security.
      EOS
    end
  end

  test do
    (testpath/"notes.txt").write "precious"
    (testpath/"saved").mkpath
    system bin/"tinybackup", "run", "-f", testpath/"notes.txt", "-d", testpath/"saved"
    (testpath/"notes.txt").unlink
    system bin/"tinybackup", "restore", "-f", testpath/"notes.txt", "-d", testpath/"saved"
    assert_equal "precious", (testpath/"notes.txt").read
    assert_match version.to_s, shell_output("#{bin}/tinybackup --version")
  end
end
`;
}
