/**
 * Runs a model on an OpenCL device through LWJGL. Weights go up once and activations stay there, as rows,
 * {@code [tokens][features]}; the kernels lie in {@code native/opencl} and compute the bits of the definition.
 *
 * <p>Where a precision is named, the products of weights are those of NVIDIA's tensor cores, reached by inline PTX; all
 * else stays as it is. A device is trusted with that after it has answered right: {@code TensorCheck} compares products
 * with a bound that {@code Precision} derives, and demands the same bits of a text however they are cut.
 */
package dev.bert4j.backend.opencl;
