package dev.bert4j.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The chart of {@link Scaling}: on logarithmic axes, time that follows the arithmetic is a straight line. */
final class ScalingChart {
    private ScalingChart() {
    }

    static void write(List<Scaling.Series> all, Roofline roofline, Path file) throws IOException {
        System.setProperty("java.awt.headless", "true");
        XYChart chart = new XYChartBuilder().width(800).height(560)
                .title("Time of a pass against its arithmetic, " + roofline.threads() + " threads")
                .xAxisTitle("GFLOP").yAxisTitle("ms").build();
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true)
                .setLegendPosition(LegendPosition.InsideNW).setChartBackgroundColor(Color.WHITE);
        // Every dash of a dashed line would be a path of its own.
        chart.getStyler().setPlotGridLinesStroke(new BasicStroke(0.5f)).setAxisTickMarksStroke(new BasicStroke(1));
        double least = Double.MAX_VALUE;
        double most = 0;
        for (Scaling.Series series : all) {
            double[] x = series.points().stream().mapToDouble(Scaling.Point::gflop).toArray();
            double[] y = series.points().stream().mapToDouble(Scaling.Point::millis).toArray();
            chart.addSeries(series.name() + " " + series.points().getFirst().value() + " to "
                    + series.points().getLast().value(), x, y).setMarker(SeriesMarkers.CIRCLE);
            least = Math.min(least, x[0]);
            most = Math.max(most, x[x.length - 1]);
        }
        double[] ends = {least, most};
        chart.addSeries("fma peak", ends, new double[] {1e3 * least / roofline.gflops(),
                1e3 * most / roofline.gflops()}).setMarker(SeriesMarkers.NONE).setLineColor(Color.GRAY)
                .setLineStyle(new BasicStroke(1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {4, 4},
                        0));
        VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
    }
}
