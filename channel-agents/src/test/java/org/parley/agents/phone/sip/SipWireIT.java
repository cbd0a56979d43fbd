package org.parley.agents.phone.sip;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Strangers who connect, and what they may hold up. */
class SipWireIT {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = loops.next();
  private final List<String> refused = new CopyOnWriteArrayList<>();

  private final SipWire.Receiver receiver =
      new SipWire.Receiver() {
        @Override
        public void received(SipMessage message, SipWire.Peer from) {}

        @Override
        public void refused(String why) {
          refused.add(why);
        }

        @Override
        public void lost(InetSocketAddress target) {}
      };

  @AfterEach
  void stop() {
    assertThat(loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(20_000))
        .isTrue();
  }

  private SipWire wire(int maxAccepted, Duration longestSilence) {
    return new SipWire(
        loop,
        new SipEndpoint.Settings("main", true, HERE.getHostAddress(), 0, 500, 5000, 16_384),
        receiver,
        maxAccepted,
        longestSilence);
  }

  private static Socket stranger(SipWire wire) throws IOException {
    Socket socket = new Socket(HERE, wire.local().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  @Test
  void asManyStrangersAsMayConnectDoNotKeepUsFromConnecting() throws Exception {
    byte[] octets = "OPTIONS".getBytes(StandardCharsets.US_ASCII);
    try (SipWire wire = wire(1, Duration.ofMinutes(5));
        Socket first = stranger(wire);
        Socket second = stranger(wire);
        ServerSocket carrier = new ServerSocket(0, 50, HERE)) {
      assertThat(second.getInputStream().read()).as("there is no room for a second").isEqualTo(-1);
      assertThat(refused).containsExactly("more than 1 connections");

      InetSocketAddress target = new InetSocketAddress(HERE, carrier.getLocalPort());
      loop.execute(() -> wire.send(octets, target, () -> true, failure -> {}));

      carrier.setSoTimeout(20_000);
      try (Socket sent = carrier.accept()) {
        sent.setSoTimeout(20_000);
        assertThat(sent.getInputStream().readNBytes(octets.length)).isEqualTo(octets);
      }
      assertThat(first.isConnected()).isTrue();
    }
  }

  @Test
  void aStrangerWhoSaysNothingIsHungUpOnAndMakesRoom() throws Exception {
    try (SipWire wire = wire(1, Duration.ofMillis(100));
        Socket silent = stranger(wire)) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);

      try (Socket next = stranger(wire)) {
        assertThat(next.getInputStream().read()).isEqualTo(-1);
      }

      assertThat(refused).isEmpty();
    }
  }
}
