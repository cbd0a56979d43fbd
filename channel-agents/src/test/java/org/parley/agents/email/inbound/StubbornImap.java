package org.parley.agents.email.inbound;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Stands before an IMAP server and refuses one command; all else goes through. */
final class StubbornImap implements AutoCloseable {
  private final ServerSocket door;
  private final int port;
  private final String refused;
  private final String answer;

  /**
   * @param port of the server
   * @param refused a part of the command
   * @param answer NO or BAD
   */
  StubbornImap(int port, String refused, String answer) throws IOException {
    this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.port = port;
    this.refused = refused;
    this.answer = answer;
    daemon(this::accept);
  }

  int port() {
    return door.getLocalPort();
  }

  private void accept() throws IOException {
    while (!door.isClosed()) {
      Socket client = door.accept();
      daemon(() -> serve(client));
    }
  }

  private void serve(Socket client) throws IOException {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
      OutputStream back = client.getOutputStream();
      daemon(() -> server.getInputStream().transferTo(back));
      BufferedReader commands =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        boolean refuses = line.contains(refused);
        String said = refuses ? line.substring(0, line.indexOf(' ') + 1) + answer + " no" : line;
        (refuses ? back : server.getOutputStream())
            .write((said + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      }
    }
  }

  /** A task that ends with its connection. */
  private interface Task {
    void run() throws IOException;
  }

  private static void daemon(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // The connection, or the test, is over.
              }
            },
            "stubborn-imap");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    door.close();
  }
}
