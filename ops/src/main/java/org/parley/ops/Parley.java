package org.parley.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. */
@Command(
    name = "parley",
    mixinStandardHelpOptions = true,
    versionProvider = Parley.Version.class,
    description = "Holds a company's conversations with its customers.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:it did not work",
      "2:the command line or a file it names is wrong",
      "3:no node answered",
      "4:the node refused"
    },
    footer = {
      "",
      "Try it: parley demo --exit",
      "Environment: PARLEY_URL, PARLEY_API_KEY, PARLEY_HEAP, PARLEY_JAVA_OPTIONS, JAVA_HOME."
    })
public final class Parley {
  private static final String NODE_COMMAND = "org.parley.node.Main";

  private Parley() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    int status = run(Shell.ofProcess(), Launch.ofProcess(), args);
    System.exit(status);
  }

  /** Runs one command and returns its status. */
  static int run(Shell shell, Launch launch, String... args) {
    CommandLine line = commandLine(shell, launch);
    line.setOut(shell.out());
    line.setErr(shell.err());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((e, command, parsed) -> explain(shell, e));
    return line.execute(args);
  }

  static CommandLine commandLine(Shell shell, Launch launch) {
    CommandLine bench =
        new CommandLine(new BenchCommand())
            .addSubcommand(new BenchEmailCommand(shell, launch))
            .addSubcommand(new BenchSmsCommand(shell, launch))
            .addSubcommand(new BenchPhoneCommand(shell, launch))
            .addSubcommand(new BenchMixCommand(shell, launch))
            .addSubcommand(new BenchClusterCommand(shell, launch))
            .addSubcommand(new BenchImportCommand(shell, launch))
            .addSubcommand(new BenchContextCommand(shell, launch))
            .addSubcommand(new BenchResidentCommand(shell, launch))
            .addSubcommand(new BenchHeapCommand(shell, launch));
    CommandLine line = new CommandLine(new Parley());
    line.addSubcommand(new DemoCommand(shell, launch));
    addNode(line);
    line.addSubcommand(new CampaignCommand(shell))
        .addSubcommand(new CustomerCommand(shell))
        .addSubcommand(new CarriersCommand(shell))
        .addSubcommand(new AgentsCommand(shell))
        .addSubcommand(new ClusterCommand(shell, launch))
        .addSubcommand(bench)
        .addSubcommand(new CompletionCommand(shell));
    return line;
  }

  /** The node's own command, for help and completion; the launcher starts it without us. */
  private static void addNode(CommandLine line) {
    try {
      Class<?> command = Class.forName(NODE_COMMAND, false, Parley.class.getClassLoader());
      line.addSubcommand("node", new CommandLine(command));
    } catch (ClassNotFoundException | LinkageError | CommandLine.InitializationException e) {
      // This is a command line without a node in it; it speaks to nodes elsewhere.
    }
  }

  private static int explain(Shell shell, Exception e) throws Exception {
    if (e instanceof CommandFailure failure) {
      shell.note("parley: " + failure.sentence());
      failure.details().forEach(detail -> shell.note("  " + detail));
      return failure.status();
    }
    if (e instanceof IOException || e instanceof UncheckedIOException) {
      shell.note("parley: " + e.getMessage());
      return CommandFailure.FAILED;
    }
    throw e;
  }

  /** The release, as the build knows it. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Properties build = new Properties();
      try (InputStream in = Parley.class.getResourceAsStream("/parley-version.properties")) {
        build.load(in);
      }
      return new String[] {"parley " + build.getProperty("version")};
    }
  }
}
