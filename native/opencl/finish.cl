// What all kernels do with a finished product.
#pragma OPENCL FP_CONTRACT OFF

static inline float finish(float sum, int n, size_t at, __global const float *bias, int biased,
        __global const float *residual, int added) {
    // Without a bias 0 is added, which makes a negative zero positive, as the definition does.
    float y = sum + (biased ? bias[n] : 0.0f);
    return added ? y + residual[at] : ACTIVATION(y);
}
