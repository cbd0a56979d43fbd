package org.parley.agents.email;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * An SMTP server that answers as told. A reply is sent as it is, without a line end of its own;
 * {@link #DROP} closes the connection, {@link #SILENCE} never answers.
 */
final class ScriptedServer implements AutoCloseable {
  static final String DROP = "<drop>";
  static final String SILENCE = "<silence>";

  private static final Map<String, String> POLITE =
      Map.of(
          "CONNECT", "220 scripted\r\n",
          "EHLO", "250-scripted\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n",
          "MAIL", "250 2.1.0 ok\r\n",
          "RCPT", "250 2.1.5 ok\r\n",
          "DATA", "354 go on\r\n",
          "DOT", "250 2.0.0 Ok: queued as ABC123\r\n",
          "RSET", "250 ok\r\n",
          "QUIT", "221 bye\r\n");

  private final ServerSocket server;
  private final Map<String, String> script = new ConcurrentHashMap<>(POLITE);
  private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
  private final List<String> commands = new CopyOnWriteArrayList<>();
  private final List<String> messages = new CopyOnWriteArrayList<>();

  ScriptedServer() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  ScriptedServer answer(String command, String reply) {
    script.put(command, reply);
    return this;
  }

  /** From now on it does not answer this command until the latch opens. */
  void hold(String command, CountDownLatch until) {
    held.put(command, until);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Every command that came, in order, over all connections. */
  List<String> commands() {
    return commands;
  }

  /** Every message of which the final dot came, without dot-stuffing. */
  List<String> messages() {
    return messages;
  }

  long connections() {
    return commands.stream().filter("CONNECT"::equals).count();
  }

  void dropConnections() {
    for (Socket client : clients) drop(client);
    clients.clear();
  }

  private static void drop(Socket client) {
    try {
      client.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    dropConnections();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "scripted-smtp");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        clients.add(client);
        start(() -> serve(client));
      }
    } catch (IOException e) {
      commands.add("CLOSED");
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      OutputStream out = client.getOutputStream();
      commands.add("CONNECT");
      boolean goOn = say("CONNECT", out);
      while (goOn) {
        String line = line(in);
        if (line == null) return;
        String verb = line.length() < 4 ? line : line.substring(0, 4);
        commands.add(line);
        goOn = say(verb, out);
        if (verb.equals("QUIT")) return;
        if (goOn && verb.equals("DATA") && script("DATA").startsWith("354")) {
          if (!content(in)) return;
          goOn = say("DOT", out);
        }
      }
      while (line(in) != null) commands.add("IGNORED");
    } catch (IOException e) {
      commands.add("LOST");
    }
  }

  private String script(String command) {
    return script.getOrDefault(command, "500 what\r\n");
  }

  /** Says what the script has; false when the conversation is over. */
  private boolean say(String command, OutputStream out) throws IOException {
    String reply = script(command);
    if (reply.equals(SILENCE)) return false;
    CountDownLatch latch = held.get(command);
    if (latch != null) await(latch);
    boolean drop = reply.endsWith(DROP);
    String text = drop ? reply.substring(0, reply.length() - DROP.length()) : reply;
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
    if (drop) throw new IOException("dropped as the script says");
    return true;
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private boolean content(InputStream in) throws IOException {
    StringBuilder message = new StringBuilder();
    while (true) {
      String line = line(in);
      if (line == null) return false;
      if (line.equals(".")) {
        messages.add(message.toString());
        return true;
      }
      message.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
    }
  }

  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int previous = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n' && previous == '\r') return line.substring(0, line.length() - 1);
      line.append((char) b);
      previous = b;
    }
    return null;
  }
}
