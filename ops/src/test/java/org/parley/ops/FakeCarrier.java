package org.parley.ops;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

/** A process that looks like a sandbox carrier from afar: it listens where it is told. */
final class FakeCarrier {
  private FakeCarrier() {}

  public static void main(String[] args) throws Exception {
    List<String> options = List.of(args);
    int port = Integer.parseInt(options.get(options.indexOf("--port") + 1));
    try (ServerSocket socket = new ServerSocket(port, 8, InetAddress.getLoopbackAddress())) {
      System.out.println("listening on " + socket.getLocalPort());
      while (true) socket.accept().close();
    }
  }
}
