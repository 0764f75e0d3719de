//! What the program says of itself: completions and manual pages.

use crate::support::program::{Ran, program, run};

/// The commands, as the help lists them.
async fn commands() -> Vec<String> {
    let Ran { code, output, .. } = run(program(["--help"])).await;
    assert_eq!(code, 0);
    let listed = output.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned));
    names.filter(|name| !name.is_empty() && name != "help").collect()
}

#[tokio::test]
async fn each_shell_completes_every_command() {
    let commands = commands().await;
    assert!(commands.len() > 10, "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = run(program(["completions", shell])).await;
        assert_eq!((ran.code, ran.complaint.as_str()), (0, ""), "{shell}");
        for command in &commands {
            assert!(ran.output.contains(command), "{shell} does not know {command}");
        }
    }
    assert_eq!(run(program(["completions", "tcsh"])).await.code, 2);
}

#[tokio::test]
async fn every_command_has_a_manual_page() {
    let commands = commands().await;
    let main = run(program(["man"])).await;
    assert!(main.code == 0 && main.output.contains(".TH idgraph 1"), "{main:?}");
    let directory = tempfile::tempdir().expect("a directory");
    let pages = directory.path().join("share/man/man1");
    let ran = run(program(["man", "--out", pages.to_str().expect("a path")])).await;
    assert_eq!((ran.code, ran.output.as_str()), (0, ""), "{ran:?}");
    assert!(pages.join("idgraph.1").is_file());
    for command in commands {
        let page = std::fs::read_to_string(pages.join(format!("idgraph-{command}.1"))).expect("a page");
        assert!(page.contains(".SH NAME"), "{command}");
    }
    // A directory cannot be made below a file.
    let below = pages.join("idgraph.1/x");
    assert_eq!(run(program(["man", "--out", below.to_str().expect("a path")])).await.code, 1);
}
