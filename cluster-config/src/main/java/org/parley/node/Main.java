package org.parley.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;
import org.parley.http.api.HttpUnavailable;
import org.parley.persistence.DatabaseUnavailable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts one node and stays until it is told to stop. */
@Command(
    name = "node",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Starts a node and stays until it is told to stop (Ctrl-C, SIGTERM).",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the configuration is good (--check-config)",
      "1:it could not start, or was put out of its cluster",
      "2:the command line or the configuration is wrong",
      "3:the Java machine is broken or has no memory left",
      "130:it was told to stop by Ctrl-C",
      "143:it was told to stop by SIGTERM"
    })
public final class Main implements Callable<Integer> {
  private static final int CANNOT_START = 1;
  private static final int WRONG_SETTINGS = 2;
  private static final int BROKEN = 3;

  private final Alterations alterations;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings in HOCON; they stand over the defaults.")
  private @Nullable Path file;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the node keeps its data (default: .parley).")
  private @Nullable Path data;

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      description = "Where to serve the API (default: 127.0.0.1:8080; port 0: any free one).")
  private @Nullable String http;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description =
          "jdbc:postgresql://HOST:PORT/DATABASE of yours (default: embedded, in the data directory).")
  private @Nullable String database;

  @Option(
      names = "--sandbox",
      description = "Send everything to sandbox carriers in this process, and to nobody else.")
  private boolean sandbox;

  @Option(
      names = "--check-config",
      description = "Only check the settings, and say what is wrong with them.")
  private boolean checkOnly;

  /** As a product. */
  public Main() {
    this(Alterations.NONE);
  }

  Main(Alterations alterations) {
    this.alterations = alterations;
  }

  /** Runs the command line. */
  public static void main(String[] arguments) {
    Thread.setDefaultUncaughtExceptionHandler(Main::uncaught);
    System.exit(run(Alterations.NONE, arguments));
  }

  /**
   * Of threads that are not Pekko's, which does the same with its own. A node that is half alive
   * would stay a member and answer nothing; its supervisor starts another one.
   */
  private static void uncaught(Thread thread, Throwable e) {
    try {
      LoggerFactory.getLogger(Main.class).error("The thread {} has ended", thread.getName(), e);
    } finally {
      if (e instanceof VirtualMachineError) Runtime.getRuntime().halt(BROKEN);
    }
  }

  static int run(Alterations alterations, String... arguments) {
    return new CommandLine(new Main(alterations)).setCommandName("parley node").execute(arguments);
  }

  /** Starts the node; the answer is the process's exit code. */
  @Override
  public Integer call() {
    PrintWriter out = commandLine().getOut();
    try {
      NodeOptions options =
          new NodeOptions(
              Optional.ofNullable(file),
              Optional.ofNullable(data),
              Optional.ofNullable(http),
              Optional.ofNullable(database),
              sandbox);
      Config config = NodeConfig.load(options);
      if (checkOnly) {
        out.println("The settings are good.");
        out.flush();
        return 0;
      }
      return run(config, out);
    } catch (ConfigException | IllegalArgumentException e) {
      return say(WRONG_SETTINGS, e);
    } catch (DatabaseUnavailable | HttpUnavailable | NodeUnavailable e) {
      return say(CANNOT_START, e);
    } catch (CompletionException e) {
      if (e.getCause() instanceof HttpUnavailable cause) return say(CANNOT_START, cause);
      throw e;
    }
  }

  /** Starts the node, tells that it is ready, and stays until it ends. */
  private int run(Config config, PrintWriter out) {
    AtomicBoolean told = new AtomicBoolean();
    Node node;
    try {
      node =
          Node.start(
              config,
              alterations,
              (system, end) ->
                  whenJvmEnds(
                      system,
                      () -> {
                        told.set(true);
                        end.run();
                      }));
    } catch (RuntimeException e) {
      if (!told.get()) throw e;
      LoggerFactory.getLogger(Main.class).debug("The node was told to end while it started", e);
      return 0;
    }
    out.println(node.greeting());
    node.firstApiKey()
        .ifPresent(key -> out.printf("The first API key, told only this once: %s%n", key));
    out.flush();
    node.awaitEnd();
    node.close();
    // A node that ends by itself was put out of its cluster: its supervisor starts it again.
    return told.get() ? 0 : CANNOT_START;
  }

  /**
   * Runs something when the JVM is told to end. With a hook of any other kind the remoting, which
   * has its own, would cut the node off while it still leaves.
   */
  private static void whenJvmEnds(ActorSystem<?> system, Runnable end) {
    CoordinatedShutdown.get(system).addJvmShutdownHook(end);
  }

  private int say(int exitCode, Exception e) {
    LoggerFactory.getLogger(Main.class).debug("The node did not start", e);
    PrintWriter err = commandLine().getErr();
    err.println("parley: " + e.getMessage());
    err.flush();
    return exitCode;
  }

  private CommandLine commandLine() {
    if (spec == null) throw new IllegalStateException("picocli gives the command its spec");
    return spec.commandLine();
  }

  /** The version of the build. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"Parley " + NodeConfig.version()};
    }
  }
}
